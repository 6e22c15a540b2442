import { useCommand } from "../../api/client";
import type { RootInfo } from "../../bindings/RootInfo";
import { Button } from "../../components/button";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { noFilter, page } from "../library/filter";
import { isIn, lastOf, parentOf } from "./dropped";

const words = text.drop;
// More files of one name than this are not told apart here.
const mostNamed = 50;

/** Where a model file lies: in the library, in a folder that was not looked through since, or elsewhere. */
export function ModelRow({
  path,
  blind,
  roots,
  adding,
  onAdd,
  onShow,
}: {
  path: string;
  /** Only the name is known. */
  blind: boolean;
  roots: readonly RootInfo[];
  adding: string | null;
  onAdd: (path: string) => void;
  onShow: (id: number) => void;
}) {
  const name = lastOf(path);
  const named = useCommand("library_list", page({ ...noFilter, search: name }, 0, mostNamed));
  const item = named.data?.items.find((each) => (blind ? each.file_name === name : each.path === path || each.also_at.includes(path)));
  const root = blind ? undefined : roots.find((each) => isIn(each.path, path));
  const rootName = item === undefined ? root?.name : roots.find((each) => each.id === item.root_id)?.name;
  const parent = parentOf(path);

  const said = () => {
    if (named.isError) return text.errors.libraryTitle;
    if (named.data === undefined) return words.looking;
    if (item !== undefined) return blind ? words.sameName : words.inLibrary(rootName ?? item.root);
    if (root !== undefined) return words.notYet(root.name);
    return blind ? words.noSuchName : words.outside;
  };
  return (
    <li className="flex items-center gap-3 py-2">
      <div className="min-w-0 flex-1">
        <p className="font-medium wrap-anywhere">
          <bdi>{visible(name)}</bdi>
        </p>
        {!blind && <p className="font-mono text-xs wrap-anywhere text-faint">{visible(item?.folder ?? parent)}</p>}
        <p className="text-sm text-dim">{said()}</p>
      </div>
      {item !== undefined ? (
        <Button small aria-label={words.showOne(name)} onClick={() => onShow(item.id)}>
          {words.show}
        </Button>
      ) : (
        !blind &&
        root === undefined &&
        named.data !== undefined && (
          <Button small aria-label={words.addParentOne(name)} disabled={adding !== null} onClick={() => onAdd(parent)}>
            {adding === parent ? words.adding : words.addParent}
          </Button>
        )
      )}
    </li>
  );
}
