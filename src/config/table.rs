//! The settings as a table, read from the flags, so that the documentation is always complete.

use clap::{Arg, Args as _};

use super::given::Given;

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// The flag with its dashes and its value, e.g. `--listen ADDR`.
    pub flag: String,
    /// The key in the settings file.
    pub key: String,
    /// The environment variable.
    pub environment: String,
    /// The default; empty if there is none.
    pub default: String,
    /// The description.
    pub help: String,
    /// The heading in the help.
    pub group: String,
}

/// Every setting that can be given by flag, environment and file.
pub fn table() -> Vec<Setting> {
    let command = Given::augment_args(clap::Command::new("settings"));
    command.get_arguments().filter_map(setting).collect()
}

fn setting(arg: &Arg) -> Option<Setting> {
    let long = arg.get_long()?;
    let value = arg.get_value_names().unwrap_or_default().join(" ");
    let help = arg
        .get_help()
        .map(|text| text.to_string())
        .unwrap_or_default();
    let (help, default) = help
        .rsplit_once(" [default: ")
        .map(|(help, default)| (help.to_owned(), default.trim_end_matches(']').to_owned()))
        .unwrap_or((help.clone(), String::new()));
    Some(Setting {
        flag: format!("--{long} {value}").trim_end().to_owned(),
        key: long.replace('-', "_"),
        environment: arg
            .get_env()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        default,
        help,
        group: arg.get_help_heading().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn the_table_is_read_from_the_flags() {
        let settings = table();
        let listen = settings.iter().find(|setting| setting.key == "listen");
        let listen = listen.map(|setting| {
            let Setting {
                flag,
                environment,
                default,
                ..
            } = setting;
            [flag.as_str(), environment, default]
        });
        let expected = ["--listen ADDR", "TACKBOARD_LISTEN", "127.0.0.1:8080"];
        assert_eq!(listen, Some(expected));
        for setting in settings {
            assert!(setting.environment.starts_with("TACKBOARD_"), "{setting:?}");
            assert!(
                !setting.help.is_empty() && !setting.help.contains('['),
                "{setting:?}"
            );
            assert!(!setting.default.is_empty(), "{setting:?}");
        }
    }

    use super::Setting;
}
