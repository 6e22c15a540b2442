#!/usr/bin/python3
"""A relay of Civitai Link on python-socketio: a second opinion on Socket.IO, which neither the client nor the simulator had
a hand in.

    relay.py

Prints the port it listens on, on 127.0.0.1, and ends when its standard input does. Unlike the simulator it sends `upgradeKey`
before it answers the `join`, which is as permitted as the other order.

Beside Socket.IO at /api/socketio/ it takes, as JSON:
    POST /control/issue                    -> {"room": 1, "code": "a1b2c3"}
    POST /control/browser {room, open}        a browser appears or goes; it asks for both lists when a computer is there
    POST /control/command {room, command}     that browser sends a command
    POST /control/kick    {room}              the instance is removed
    POST /control/drop                        every connection is ended
    GET  /control/room?room=1              -> {"code", "key", "browsers", "computers", "received", "said"}
"""

import asyncio
import datetime
import secrets
import sys
import uuid

try:
    import socketio
    from aiohttp import web
except ImportError as error:
    sys.exit(f"error: {error.name} is missing\nhint: apt-get install python3-socketio python3-aiohttp, or run scripts/setup.sh test")


class Room:
    """One instance at the site."""

    def __init__(self):
        self.code = secrets.token_hex(3)
        self.key = None
        self.browsers = 0
        self.watched = False
        self.received = []
        self.said = []


class Relay:
    """Rooms, and who is in them."""

    def __init__(self):
        self.server = socketio.AsyncServer(async_mode="aiohttp", max_http_buffer_size=1_000_000)
        self.rooms = []
        self.roles = {}
        self.places = {}
        for name in ("iam", "join", "leave", "command", "commandStatus", "disconnect"):
            self.server.on(name, getattr(self, name))

    def members(self, room, role):
        return [sid for sid, place in self.places.items() if place is room and self.roles.get(sid) == role]

    def count(self, room, role):
        return len(self.members(room, role)) + (room.browsers if role == "client" else 0)

    async def tell(self, room, role, *event):
        for sid in self.members(room, role):
            await self.server.emit(*event, to=sid)

    async def presence(self, room):
        counts = {role: self.count(room, role) for role in ("client", "sd")}
        for role in counts:
            await self.tell(room, role, "roomPresence", counts)
        watched = room.browsers > 0 and counts["sd"] > 0
        if watched and not room.watched:
            for kind in ("activities:list", "resources:list"):
                now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
                command = {"id": str(uuid.uuid4()), "type": kind, "createdAt": now.replace("+00:00", "Z")}
                await self.tell(room, "sd", "command", command)
        room.watched = watched

    async def iam(self, sid, data):
        self.roles[sid] = data["type"]

    async def join(self, sid, key):
        if sid not in self.roles:
            return {"success": False, "msg": "You must identify yourself first"}
        room = next((room for room in self.rooms if key and key in (room.code, room.key)), None)
        if room is None:
            return {"success": False, "msg": "Invalid key"}
        if self.places.get(sid) not in (None, room):
            await self.leave(sid)
        if self.roles[sid] == "sd" and key == room.code:
            room.code, room.key = None, secrets.token_hex(64)
            await self.server.emit("upgradeKey", {"key": room.key}, to=sid)
        self.places[sid] = room
        room.said.append(["join", len(key)])
        await self.presence(room)
        return {"success": True}

    async def leave(self, sid):
        room = self.places.pop(sid, None)
        if room is not None:
            room.said.append(["leave", None])
            await self.presence(room)

    async def disconnect(self, sid):
        await self.leave(sid)
        self.roles.pop(sid, None)

    async def command(self, sid, command):
        await self.pass_on(sid, "client", "sd", "command", command)

    async def commandStatus(self, sid, status):
        room = await self.pass_on(sid, "sd", "client", "commandStatus", status)
        if room is not None:
            room.received.append(status)

    async def pass_on(self, sid, sender, receiver, name, value):
        room = self.places.get(sid)
        if room is None or self.roles.get(sid) != sender:
            await self.server.emit("error", {"msg": "You are not in a room"}, to=sid)
            return None
        await self.tell(room, receiver, name, value)
        return room

    async def control(self, request):
        what = request.match_info["what"]
        if what == "issue":
            room = Room()
            self.rooms.append(room)
            return web.json_response({"room": len(self.rooms), "code": room.code})
        if what == "drop":
            for sid in list(self.roles):
                await self.server.disconnect(sid)
            return web.json_response({})
        body = await request.json() if request.method == "POST" else dict(request.query)
        room = self.rooms[int(body["room"]) - 1]
        if what == "browser":
            room.browsers = 1 if body["open"] else 0
            await self.presence(room)
        elif what == "command":
            await self.tell(room, "sd", "command", body["command"])
        elif what == "kick":
            room.code = room.key = None
            await self.tell(room, "sd", "kicked")
            for sid in self.members(room, "sd"):
                await self.leave(sid)
        elif what != "room":
            return web.json_response({"error": "No such control"}, status=404)
        shown = {"code": room.code, "key": room.key, "received": room.received, "said": room.said}
        return web.json_response({**shown, "browsers": self.count(room, "client"), "computers": self.count(room, "sd")})


async def main():
    relay = Relay()
    app = web.Application()
    relay.server.attach(app, socketio_path="api/socketio")
    app.router.add_route("*", "/control/{what}", relay.control)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    # Whoever started it may be gone without having been able to end it.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(main())
