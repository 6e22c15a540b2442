//! Names that a system takes for something else than a file: devices, short forms, its own configuration.

/// Windows' devices, with any ending and with spaces behind.
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// Devices that have a number.
const PORTS: &[&str] = &["COM", "LPT"];

/// A superscript number is one as well.
const PORT_NUMBERS: &[char] = &['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '¹', '²', '³'];

/// What a file manager reads by itself in every folder.
const SHELL_FILES: &[&str] = &["desktop.ini", "autorun.inf", "thumbs.db", "folder.htt"];

/// Endings that are run or opened with a click. They never end a name here, but people who hide endings see this one.
const ACTIVE: &[&str] = &[
    "app",
    "appref-ms",
    "bat",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "desktop",
    "dll",
    "dmg",
    "exe",
    "gadget",
    "hta",
    "htm",
    "html",
    "inf",
    "ini",
    "iso",
    "jar",
    "js",
    "jse",
    "lnk",
    "msc",
    "msi",
    "msp",
    "pif",
    "pkg",
    "ps1",
    "py",
    "pyc",
    "pyw",
    "reg",
    "scf",
    "scr",
    "sh",
    "so",
    "svg",
    "sys",
    "url",
    "vbe",
    "vbs",
    "webloc",
    "wsf",
    "xhtml",
    "xll",
];

/// `_CON` for `CON`.
pub(super) fn without_device(name: &str) -> String {
    if is_device(name) { format!("_{name}") } else { name.to_owned() }
}

/// Whether Windows opens a device of that name instead of a file.
pub(super) fn is_device(name: &str) -> bool {
    // In upper case by Unicode's rules, since nobody knows by which of all rules it will be compared: `ı` becomes `I`.
    let base = name.split('.').next().unwrap_or(name).trim_end().to_uppercase();
    if DEVICES.contains(&base.as_str()) {
        return true;
    }
    let mut rest = base.chars();
    rest.next_back().is_some_and(|number| PORT_NUMBERS.contains(&number)) && PORTS.contains(&rest.as_str())
}

/// `PROGRA_1` for `PROGRA~1`, which on Windows is another name of some other file.
pub(super) fn without_short_form(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let is_short = c == '~' && rest.peek().is_some_and(char::is_ascii_digit);
        result.push(if is_short { '_' } else { c });
    }
    result
}

/// `model_exe` for `model.exe`.
pub(super) fn without_active_ending(stem: &str) -> String {
    match stem.rsplit_once('.') {
        Some((before, ending)) if ACTIVE.iter().any(|active| active.eq_ignore_ascii_case(ending.trim_end())) => {
            format!("{before}_{ending}")
        }
        _ => stem.to_owned(),
    }
}

/// `x_{…}` for `x.{…}`: Windows shows a folder of that name as what the class id means, a control panel for example.
pub(super) fn without_shell_class(name: &str) -> String {
    name.replace(".{", "_{")
}

/// `_desktop.ini` for `desktop.ini`.
pub(super) fn without_shell_file(name: &str) -> String {
    let is_shell_file = SHELL_FILES.iter().any(|file| file.eq_ignore_ascii_case(name));
    if is_shell_file { format!("_{name}") } else { name.to_owned() }
}
