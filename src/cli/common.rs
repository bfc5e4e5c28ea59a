//! The options of every command, and access to the data folder.

use std::path::PathBuf;

use clap::Args;

use super::messages::shown;
use crate::config::{Given, MailSettings, Settings};
use crate::error::failure::{Failure, refuse};
use crate::store::data_dir::DataDir;
use crate::store::{Conn, Tx, db, migrate};

/// Lists the common options after a command's own options in its help.
const LAST: usize = 900;

/// The options of every command. They can be given before or after its name.
#[derive(Args, Clone, Debug)]
pub(super) struct Common {
    /// Data folder, which contains the database
    #[arg(
        long,
        global = true,
        env = "TACKBOARD_DATA",
        value_name = "DIR",
        display_order = LAST,
        default_value = "./tackboard-data"
    )]
    pub(super) data: PathBuf,
    /// Print JSON instead of text [default: text]
    #[arg(long, global = true, display_order = LAST)]
    pub(super) json: bool,
}

impl Common {
    pub(super) fn data_dir(&self) -> DataDir {
        DataDir::new(&self.data)
    }

    /// The settings: flags over file.
    pub(super) fn settings(&self, flags: Given) -> Result<Settings, Failure> {
        let file = Given::from_file(&self.data_dir().settings()).map_err(refuse)?;
        let mail = MailSettings::new(&flags, &file).map_err(refuse)?;
        Ok(Settings {
            mail,
            ..Settings::new(self.data.clone(), flags, file)
        })
    }

    /// Whether the folder has a database, and of which version.
    pub(super) fn inspect(&self) -> Result<migrate::State, Failure> {
        migrate::inspect(&self.data_dir().database())
    }

    /// The path of the database, if it has this program's version.
    pub(super) fn database(&self) -> Result<PathBuf, Failure> {
        match self.inspect()? {
            migrate::State::Current => Ok(self.data_dir().database()),
            migrate::State::Absent => Err(self.no_database()),
            migrate::State::Older(_) => Err(refuse(
                "the database is from an older version; start the server once with this version to migrate it",
            )),
        }
    }

    pub(super) fn no_database(&self) -> Failure {
        let folder = shown(&self.data);
        refuse(format!(
            "there is no database in {folder}; create one with `tackboard serve`, or choose another folder with --data"
        ))
    }

    /// Reads from one snapshot of the database, also while a server runs.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Conn) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        db::read_once(&self.database()?, work)
    }

    /// Changes the database in one transaction, also while a server runs.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        db::write_once(&self.database()?, work)
    }
}
