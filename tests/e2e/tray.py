#!/usr/bin/python3
"""Plays the desktop's tray for the real app: reads its menu over D-Bus, clicks in it, takes its notifications, and watches
the window come and go.

Run by window.sh, which brings the display, the session bus, the folders and the stand-in for Civitai:
    tray.py BINARY DATA_DIR CIVITAI_URL MODELS_DIR VERSION

MODELS_DIR must be a folder of the library in DATA_DIR; a large new file is put there, so that there is something to sync.
VERSION is one that takes seconds to download, and wants a key. `modeldock` must lie beside BINARY.
"""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PATIENCE = 30.0
# Sparse, so it costs no disk; large, so that the scan can be seen and paused.
NEW_MODEL_BYTES = 2 * 1024**3
NOTIFICATIONS = "org.freedesktop.Notifications"
# The simulator's only key.
KEY = "demo-token"
# Longer than the app waits for more to tell.
QUIET = 5.0


class Watcher(dbus.service.Object):
    """The part of a panel that tray icons announce themselves to."""

    def __init__(self, bus):
        self.items = []
        self.name = dbus.service.BusName(WATCHER, bus, do_not_queue=True)
        super().__init__(bus, "/StatusNotifierWatcher")

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender=None):
        # Ayatana gives an object path and means its own connection; KDE gives a bus name.
        self.items.append((sender, service) if service.startswith("/") else (service, "/StatusNotifierItem"))
        self.StatusNotifierItemRegistered(service)

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, service):
        self.StatusNotifierHostRegistered()

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, service):
        pass

    @dbus.service.signal(WATCHER)
    def StatusNotifierHostRegistered(self):
        pass

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return {
            "IsStatusNotifierHostRegistered": dbus.Boolean(True),
            "ProtocolVersion": dbus.Int32(0),
            "RegisteredStatusNotifierItems": dbus.Array([path for _, path in self.items], signature="s"),
        }


class Notifications(dbus.service.Object):
    """The part of a desktop that shows notifications: keeps them instead."""

    def __init__(self, bus):
        self.shown = []
        self.name = dbus.service.BusName(NOTIFICATIONS, bus, do_not_queue=True)
        super().__init__(bus, "/org/freedesktop/Notifications")

    @dbus.service.method(NOTIFICATIONS, out_signature="as")
    def GetCapabilities(self):
        return ["actions", "body", "body-markup"]

    @dbus.service.method(NOTIFICATIONS, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, icon, summary, body, actions, hints, timeout):
        self.shown.append((str(summary), str(body)))
        return len(self.shown)

    @dbus.service.signal(NOTIFICATIONS, signature="us")
    def ActionInvoked(self, identifier, action):
        pass


def serve_for(seconds):
    """Time passes while the bus is served."""
    deadline = time.monotonic() + seconds
    wait_for("time", lambda: time.monotonic() > deadline, patience=seconds + 1)


def wait_for(what, probe, patience=PATIENCE):
    """What `probe` gives once it is true, while the bus is served."""
    context = GLib.MainContext.default()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        while context.pending():
            context.iteration(False)
        result = probe()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"waited {patience:.0f} s for {what}")


class Tray:
    """The app's icon and menu, as a panel sees them."""

    def __init__(self, bus, service, path):
        self.item = dbus.Interface(bus.get_object(service, path), dbus.PROPERTIES_IFACE)
        self.menu = dbus.Interface(bus.get_object(service, self.item.Get(ITEM, "Menu")), MENU)

    def entries(self):
        """`{label: (id, enabled)}`, in order, without separators."""
        return self._entries()[0]

    def entries_of(self, submenu):
        """The same of a menu in the menu."""
        return self._entries()[1].get(submenu, {})

    def _entries(self):
        _, (_, _, children) = self.menu.GetLayout(0, -1, dbus.Array([], signature="s"))
        return self._read(children)

    def _read(self, children):
        entries, submenus = {}, {}
        for identifier, properties, below in children:
            if properties.get("type") != "separator":
                label = str(properties.get("label", "")).replace("_", "")
                entries[label] = (identifier, bool(properties.get("enabled", True)))
                submenus[label] = self._read(below)[0]
        return entries, submenus

    def click(self, label, submenu=None):
        identifier, enabled = (self.entries() if submenu is None else self.entries_of(submenu))[label]
        assert enabled, f"{label} is disabled"
        self.menu.Event(identifier, "clicked", dbus.Int32(0, variant_level=1), dbus.UInt32(0))

    def shows(self, pattern):
        return next((label for label in self.entries() if re.search(pattern, label)), None)

    def icon(self):
        return str(self.item.Get(ITEM, "IconName"))


def windows():
    """The ids of the app's windows that can be seen. Their title tells them from helper windows."""
    for _ in range(10):
        tree = subprocess.run(["xwininfo", "-root", "-tree"], capture_output=True, text=True)
        # It fails when a window goes while it reads the tree.
        if tree.returncode == 0:
            break
    else:
        raise AssertionError(f"xwininfo cannot read the windows: {tree.stderr}")
    found = [line.split()[0] for line in tree.stdout.splitlines() if '"Modeldock":' in line]
    visible = []
    for window in found:
        about = subprocess.run(["xwininfo", "-id", window], capture_output=True, text=True).stdout
        if "IsViewable" in about:
            visible.append(int(window, 16))
    return visible


def xlib():
    """What is needed of Xlib."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x11.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    x11.XSetInputFocus.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_ulong]
    x11.XMoveResizeWindow.argtypes = [ctypes.c_void_p, ctypes.c_ulong, *[ctypes.c_int] * 2, *[ctypes.c_uint] * 2]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    return x11


def focus(window):
    """What a window manager does with a window that is clicked on."""
    x11 = xlib()
    display = x11.XOpenDisplay(None)
    x11.XSetInputFocus(display, window, 2, 0)
    x11.XCloseDisplay(display)


def close(window):
    """What a click on a window's cross sends."""

    class ClientMessage(ctypes.Structure):
        _fields_ = [
            ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
            ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
            ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("padding", ctypes.c_long * 24),
        ]

    x11 = xlib()
    display = x11.XOpenDisplay(None)
    event = ClientMessage(type=33, window=window, format=32)
    event.message_type = x11.XInternAtom(display, b"WM_PROTOCOLS", 0)
    event.data[0] = x11.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
    x11.XSendEvent(display, window, 0, 0, ctypes.byref(event))
    x11.XCloseDisplay(display)


def place(window, x, y, width, height):
    """What dragging a window and its corner does."""
    x11 = xlib()
    display = x11.XOpenDisplay(None)
    x11.XMoveResizeWindow(display, window, x, y, width, height)
    x11.XCloseDisplay(display)


def geometry(window):
    """Where a window is, as `place` takes it."""
    about = subprocess.run(["xwininfo", "-id", str(window)], capture_output=True, text=True).stdout
    names = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
    found = [re.search(rf"{name}: +(-?\d+)", about) for name in names]
    return tuple(int(match[1]) for match in found) if all(found) else None


def remembered(command, bus):
    """The window comes back where it was, also after the app has ended."""
    ended = lambda: not windows() and not any("app.modeldock" in name for name in bus.list_names())
    there = (60, 40, 1010, 702)
    app = subprocess.Popen(command)
    try:
        window = wait_for("the window", windows)[0]
        place(window, *there)
        wait_for("the window to move", lambda: geometry(window) == there)
        serve_for(1)
        app.send_signal(signal.SIGTERM)
        assert app.wait(10) == 0
        wait_for("the end", ended)
        app = subprocess.Popen(command)
        window = wait_for("the window again", windows)[0]
        wait_for(f"the window at {there}, not {geometry(window)}", lambda: geometry(window) == there)
    finally:
        app.send_signal(signal.SIGTERM)
        app.wait(10)
    wait_for("the end", ended)


def without_a_tray(command, data):
    """Before anything shows icons: closing the window must not lose the app, nor end it."""
    app = subprocess.Popen(command)
    try:
        window = wait_for("the window", windows)[0]
        time.sleep(1)
        close(window)
        wait_for("the message", lambda: os.path.exists(os.path.join(data, "told-that-closing-minimises")))
        time.sleep(0.5)
        assert app.poll() is None, "closing the window ended the app although there is no tray"
    finally:
        app.send_signal(signal.SIGTERM)
    assert app.wait(10) == 0, f"a session's end gave exit code {app.returncode}"


def downloads(command, bus, watcher, version):
    """The same data folder, now with a key, and on a desktop that shows notifications."""
    notifications = Notifications(bus)
    before = len(watcher.items)
    app = subprocess.Popen([*command, "--hidden"], env={**os.environ, "MODELDOCK_CIVITAI_TOKEN": KEY})
    try:
        tray = Tray(bus, *wait_for("the icon", lambda: len(watcher.items) > before and watcher.items[-1]))
        step("what failed before the start still needs attention, and is no news")
        wait_for("the failure", lambda: tray.shows("^Needs attention: Made"))
        attention_icon = tray.icon()
        serve_for(QUIET)
        assert notifications.shown == [], notifications.shown

        step("a download is told while it runs; Pause holds it, Resume lets it go on")
        modeldock(command, "downloads", "retry")
        running = wait_for("its progress", lambda: tray.shows(r"^Downloading 1 model · \d+ % · [\d.]+ [KM]iB/s"))
        assert tray.icon() != attention_icon, "the icon did not change"
        print(f"tray: {running}", flush=True)
        tray.click("Pause")
        wait_for("the pause", lambda: tray.shows("^Paused: 1 download held$") and tray.shows("^Resume$"))
        tray.click("Resume")
        wait_for("the end of the pause", lambda: tray.shows("^Downloading 1 model") and tray.shows("^Pause$"))
        wait_for("the end", lambda: tray.shows("^Nothing running$"), patience=120)

        step("its end is notified, once")
        wait_for("the notification", lambda: notifications.shown)
        serve_for(QUIET)
        (summary, body), *more = notifications.shown
        assert more == [], more
        title, folder = body.split("\n")
        assert summary == "Download finished" and title.startswith("Made") and os.path.isdir(folder), (summary, body)
        assert KEY not in summary + body + running

        step("it is listed, and a click on it opens the window, as one on the notification does")
        listed = tray.entries_of("Finished downloads")
        assert [*listed] == [title], listed
        tray.click(title, submenu="Finished downloads")
        window = wait_for("the window", windows)[0]
        picture("opened")
        tray.click("Settings")
        picture("settings")
        assert windows() == [window], "Settings opened another window"

        step("who looks at the window is told nothing")
        focus(window)
        for file in os.listdir(folder):
            if file.startswith("made"):
                os.remove(os.path.join(folder, file))
        modeldock(command, "download", version, "--no-wait")
        wait_for("its progress", lambda: tray.shows("^Downloading 1 model"))
        wait_for("the end", lambda: tray.shows("^Nothing running$"), patience=120)
        serve_for(QUIET)
        assert len(notifications.shown) == 1, notifications.shown
        close(window)
        wait_for("the window to go", lambda: not windows())
        notifications.ActionInvoked(dbus.UInt32(1), "default")
        wait_for("the window again", windows)
        tray.click("Quit")
        wait_for("the end", lambda: app.poll() is not None, patience=10)
    finally:
        if app.poll() is None:
            app.send_signal(signal.SIGTERM)
            app.wait(10)


def picture(name):
    """A picture of the screen for people."""
    serve_for(2)
    out = os.environ.get("MODELDOCK_E2E_OUT")
    if out:
        subprocess.run(["import", "-window", "root", os.path.join(out, f"tray-{name}.png")], check=True)


def modeldock(command, *arguments):
    """The command line, on the same data folder as the app."""
    binary, *options = command
    subprocess.run(
        [os.path.join(os.path.dirname(binary), "modeldock"), *options, *arguments],
        check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL,
    )


def step(text):
    print(f"tray: {text}", flush=True)


def main():
    binary, data, civitai, models, version = sys.argv[1:6]
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    command = [binary, "--data-dir", data, "--civitai-url", civitai]

    # One that another test has just ended may still be on its way out, and would answer for the next one.
    wait_for("no app to run", lambda: not windows() and not any("app.modeldock" in name for name in bus.list_names()))
    step("without a tray, closing the window keeps the app")
    without_a_tray(command, data)

    watcher = Watcher(bus)

    app = subprocess.Popen([*command, "--hidden"])
    try:
        tray = Tray(bus, *wait_for("the icon", lambda: watcher.items and watcher.items[0]))

        step("the menu has what it should, and a hidden start shows no window")
        wait_for("the menu", lambda: {"Open Modeldock", "Sync now", "Pause", "Quit"} <= set(tray.entries()))
        entries = tray.entries()
        assert entries["Sync now"][1] and entries["Quit"][1] and entries["Open Modeldock"][1], entries
        time.sleep(1)
        assert windows() == [], "a hidden start opened a window"
        # The line and the entry are changed one after the other.
        wait_for("nothing to run or pause", lambda: tray.shows("^Nothing running$") and not tray.entries()["Pause"][1])
        idle_icon = tray.icon()

        step("Sync now finds a new file, and the menu tells how far it is")
        new_model = os.path.join(models, "new from the tray test.safetensors")
        with open(new_model, "wb") as file:
            file.truncate(NEW_MODEL_BYTES)
        # A file that has only just changed is left alone until it has settled.
        old = time.time() - 3600
        os.utime(new_model, (old, old))
        tray.click("Sync now")
        wait_for("a percentage", lambda: tray.shows(r"^Reading models: \d+ %"))
        assert tray.icon() != idle_icon, "the icon did not change"

        step("Pause holds it, Resume lets it go on")
        tray.click("Pause")
        wait_for("the pause", lambda: tray.shows("^Paused") and tray.shows("^Resume$"))
        tray.click("Resume")
        wait_for("the end of the pause", lambda: tray.shows("^Pause$"))
        wait_for("the end of the scan", lambda: tray.shows("^Nothing running$"), patience=300)
        wait_for("nothing to pause", lambda: not tray.entries()["Pause"][1])
        os.remove(new_model)

        step("a download that wants a key asks for attention, also where nobody shows notifications")
        modeldock(command, "download", version, "--no-wait")
        wait_for("the failure", lambda: tray.shows("^Needs attention: Made.*: sign in to Civitai first$"))
        assert tray.icon() != idle_icon, "the icon did not change"
        serve_for(QUIET)
        assert app.poll() is None, "without notifications the app ended"

        step("Open shows the window; closing it leaves the tray")
        tray.click("Open Modeldock")
        window = wait_for("the window", windows)[0]
        time.sleep(1)
        close(window)
        wait_for("the window to go", lambda: not windows())
        assert app.poll() is None, "closing the window ended the app"
        assert "Sync now" in tray.entries()

        step("a second start raises the first one's window and ends well; a hidden one does not")
        assert subprocess.run([*command, "--hidden"], timeout=PATIENCE).returncode == 0
        assert windows() == []
        assert subprocess.run(command, timeout=PATIENCE).returncode == 0
        wait_for("the window again", windows)

        step("Quit ends the app")
        tray.click("Quit")
        wait_for("the end", lambda: app.poll() is not None, patience=10)
        assert app.returncode == 0, f"exit code {app.returncode}"
    finally:
        if app.poll() is None:
            app.send_signal(signal.SIGTERM)
            app.wait(10)

    downloads(command, bus, watcher, version)
    step("the window comes back where it was")
    remembered(command, bus)
    step("ok")


if __name__ == "__main__":
    main()
