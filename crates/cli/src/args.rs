//! The command line as it is typed. What it means is decided in [`crate::commands`].

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use modeldock_core::hash::Kinds;

use crate::exit;

mod site;

pub(crate) use site::*;

/// Know what is in your model folders.
#[derive(Debug, Parser)]
#[command(name = "modeldock", version, after_help = exit::HELP, max_term_width = 100)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[expect(clippy::doc_markdown, reason = "these are texts of --help, where backticks would be shown")]
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Print JSON, one object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Keep the library in this folder [env: MODELDOCK_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Look models up at another server [env: MODELDOCK_CIVITAI_URL] [default: https://civitai.com]
    // Read from the variable by hand: clap would show the option in every usage line while the variable is set.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) civitai_url: Option<String>,
    /// Reach Civitai Link at another relay: civitai.com's, then civitai.red's [env: MODELDOCK_LINK_URL, with a comma between]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) link_url: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find, add, list and forget model folders
    #[command(subcommand)]
    Roots(Roots),
    /// Look through the folders, read what is new, ask Civitai what it is
    Scan(Scan),
    /// List the library
    List(List),
    /// Show everything about one file
    Show(Show),
    /// Print all hashes of files, whether they are in the library or not
    Hash(Hash),
    /// Ask Civitai again about files
    Identify(Identify),
    /// Receive what Civitai's website sends, or say what a file is
    Link(Link),
    /// Forget what was said about a file, and ask Civitai
    Unlink(Unlink),
    /// Note something of files: a favourite, a rating, a note, tags
    Mark(Mark),
    /// Give a model another name, with everything beside it
    Rename(Rename),
    /// Put models into another folder of the same drive, with everything beside them
    Move(Move),
    /// Put models into the trash, with everything beside them
    Trash(Trash),
    /// See what was done to files
    Activity,
    /// Undo what was done to files last, or what has this number
    Undo(Undo),
    /// See what wants looking after, and what can be done about it
    Care(Care),
    /// Notice changes in the folders as they happen, and say what was found
    Watch,
    /// Write beside models what their UIs read there
    Sidecars(Sidecars),
    /// Search Civitai's catalogue, and see what of it is here
    Discover(Discover),
    /// Download a model to the folder where your UI finds it
    Download(Download),
    /// See the downloads, hold them, let them go on, stop them
    #[command(subcommand)]
    Downloads(Downloads),
    /// See what is in your vault at Civitai, and put things in or take them out
    #[command(subcommand)]
    Vault(Vault),
    /// Sign in to Civitai, or out, or see who is
    #[command(subcommand)]
    Account(Account),
    /// Check that everything Modeldock needs is in order
    Doctor,
    /// Try Modeldock with a sample library and a simulated Civitai
    Demo(Demo),
    /// Show the library in a browser
    Serve(Serve),
    /// Print docs/reference.md
    #[command(hide = true)]
    Reference,
}

#[expect(clippy::doc_markdown, reason = "these are texts of --help, where backticks would be shown")]
#[derive(Debug, Subcommand)]
pub(crate) enum Roots {
    /// Find installations on this computer
    Detect {
        /// Look below these folders instead of the usual places
        within: Vec<PathBuf>,
        /// Add what is found
        #[arg(long)]
        add: bool,
    },
    /// Add a folder or an installation
    Add {
        /// The installation's folder, or any folder with models
        path: PathBuf,
        /// Which convention it follows, if it is not recognised
        #[arg(long)]
        layout: Option<LayoutName>,
    },
    /// Forget a folder; nothing on disk is touched
    Remove {
        /// The folder, or its number in `roots list`
        root: String,
    },
    /// List the folders in the library
    List,
    /// Choose what may be written beside a folder's models
    Set {
        /// The folder, or its number in `roots list`
        root: String,
        /// A1111's .json: description, activation text and what else is missing there
        #[arg(long, value_name = "on|off")]
        a1111_json: Option<OnOff>,
        /// A preview picture where there is none
        #[arg(long, value_name = "on|off")]
        preview: Option<OnOff>,
        /// Civitai's whole answer as .civitai.info, for other tools
        #[arg(long, value_name = "on|off")]
        civitai_info: Option<OnOff>,
        /// Subfolders that downloads go to, such as "{base_model}/{creator}"; "" for none
        #[arg(long, value_name = "TEMPLATE")]
        template: Option<String>,
        /// Another folder inside this one for a kind, such as LORA=models/Lora/new; "LORA=" for the usual one
        #[arg(long, value_name = "KIND=FOLDER")]
        place: Vec<String>,
    },
}

#[expect(clippy::doc_markdown, reason = "these are texts of --help, where backticks would be shown")]
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Account {
    /// Sign in with a key, typed when asked for or piped in; MODELDOCK_CIVITAI_TOKEN gives one for a single run
    Login,
    /// Forget the key, wherever it is kept
    Logout,
    /// Show who is signed in and where the key is kept
    Show,
}

/// A switch as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    On,
    Off,
}

/// [`modeldock_core::roots::Layout`] as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LayoutName {
    A1111,
    Forge,
    SdNext,
    #[value(alias = "comfy-ui")]
    Comfyui,
    #[value(alias = "swarm-ui")]
    Swarmui,
    #[value(alias = "invoke-ai")]
    Invokeai,
    Fooocus,
    StabilityMatrix,
    Plain,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// Only these folders, by path or number
    pub(crate) roots: Vec<String>,
    /// Read as little as possible: end once every file is known, and verify nothing
    #[arg(long, conflicts_with = "thorough")]
    pub(crate) quick: bool,
    /// Read renamed files again as well
    #[arg(long)]
    pub(crate) thorough: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct List {
    /// Words that must occur in a name, path, trigger word, creator or tag, or begin a hash
    pub(crate) search: Vec<String>,
    /// Only these kinds, such as LORA or Checkpoint
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Only these base models, such as "SDXL 1.0"
    #[arg(long, value_name = "NAME")]
    pub(crate) base_model: Vec<String>,
    /// Only these folders, by path or number
    #[arg(long, value_name = "ROOT")]
    pub(crate) root: Vec<String>,
    /// Only what is in these states
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Vec<StateName>,
    /// Only files whose content lies on disk more than once
    #[arg(long)]
    pub(crate) duplicates: bool,
    /// Only files that are not on disk at the moment
    #[arg(long)]
    pub(crate) missing: bool,
    /// Only what has one of these tags of yours
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Only your favourites
    #[arg(long)]
    pub(crate) favourites: bool,
    /// The order
    #[arg(long, value_enum, default_value = "name")]
    pub(crate) sort: SortName,
    /// The other way round
    #[arg(long)]
    pub(crate) reverse: bool,
}

/// [`modeldock_core::library::ItemState`] as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum StateName {
    Matched,
    Probable,
    NotFound,
    Pending,
    Failed,
}

/// [`modeldock_core::library::Sort`] as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SortName {
    Newest,
    Name,
    Size,
    Added,
    Rating,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A path, a file name, a number from `list --json`, or the beginning of a hash
    pub(crate) file: String,
}

#[derive(Debug, Args)]
pub(crate) struct Hash {
    /// Only these kinds, between commas: sha256, blake3, crc32, autov1, autov2 (which brings sha256), autov3
    #[arg(long, value_name = "KINDS")]
    pub(crate) only: Option<Kinds>,
    /// The files
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Identify {
    /// Files, in the library or not; none means every file of the library that is not matched
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Unlink {
    /// A path, a file name, a number from `list --json`, or the beginning of a hash
    pub(crate) file: String,
}

#[derive(Debug, Args)]
pub(crate) struct Mark {
    /// Paths, file names, numbers from `list --json`, or beginnings of hashes
    #[arg(required = true)]
    pub(crate) files: Vec<String>,
    /// Make them favourites
    #[arg(long, conflicts_with = "no_favourite")]
    pub(crate) favourite: bool,
    /// Favourites no longer
    #[arg(long)]
    pub(crate) no_favourite: bool,
    /// 1 to 5, or 0 for none
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..=5))]
    pub(crate) rating: Option<u8>,
    /// Replace the note; an empty text takes it away
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Write this below what the note says already
    #[arg(long, value_name = "TEXT")]
    pub(crate) add_note: Option<String>,
    /// Put on a tag; may be given several times
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Take off a tag; may be given several times
    #[arg(long, value_name = "TAG")]
    pub(crate) untag: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Rename {
    /// A path, a file name, a number from `list --json`, or the beginning of a hash
    pub(crate) file: String,
    /// The new name; the ending stays as it is
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Move {
    /// Paths, file names, numbers from `list --json`, or beginnings of hashes
    #[arg(required = true)]
    pub(crate) files: Vec<String>,
    /// The folder they go to, by path or number
    #[arg(long, value_name = "ROOT")]
    pub(crate) to: String,
    /// Which folder in it, such as loras/characters; where its UI looks for such models if none is named
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Trash {
    /// Paths, file names, numbers from `list --json`, or beginnings of hashes
    #[arg(required = true)]
    pub(crate) files: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// A number from `activity`
    pub(crate) number: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Care {
    /// One of the lists; how long each is if none is named
    pub(crate) list: Option<CareName>,
    /// Ask Civitai first which versions there are of your models
    #[arg(long)]
    pub(crate) check_updates: bool,
    /// Put into the trash what the list offers: all copies but one of each, or what was left behind; `undo` brings it back
    #[arg(long, requires = "list")]
    pub(crate) trash: bool,
    /// Only the first so many of the list
    #[arg(long, value_name = "NUMBER")]
    pub(crate) limit: Option<u32>,
}

/// [`modeldock_core::care::CareList`] as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CareName {
    Duplicates,
    Updates,
    Damaged,
    Misplaced,
    Unsafe,
    Orphans,
    Missing,
}

#[derive(Debug, Args)]
pub(crate) struct Sidecars {
    /// Only in these folders, by path or number
    pub(crate) roots: Vec<String>,
    /// Only say what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End after printing what was found
    #[arg(long)]
    pub(crate) exit: bool,
    /// Serve the library in a browser even where there is a display
    #[arg(long, conflicts_with = "exit")]
    pub(crate) browser: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4310")]
    pub(crate) listen: SocketAddr,
    /// Show the library and change nothing
    #[arg(long)]
    pub(crate) read_only: bool,
    /// A name or address, besides its own, by which browsers reach this computer; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// A certificate in PEM, for listening beyond this computer
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its key in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Listen beyond this computer without encryption: whoever is on the way reads the link and everything else
    #[arg(long, conflicts_with = "tls_cert")]
    pub(crate) without_tls: bool,
}
