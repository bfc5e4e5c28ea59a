//! The data folder: where the files are, who may look at them, and the lock that keeps a second server away.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::error::failure::{Failure, refuse};

/// File systems on the network, whose locks SQLite cannot rely on: NFS, SMB (three kinds), AFS, Ceph, 9p.
const NETWORK: &[(u64, &str)] = &[
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x0102_1997, "9p"),
];

/// The folder that holds everything.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// Held while a server uses the folder; the operating system lets go of it however the process ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "dropping the file is what releases the lock")] File);

impl DataDir {
    /// Names a folder without touching it.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.0.join("tackboard.db")
    }

    /// The settings file.
    pub fn settings(&self) -> PathBuf {
        self.0.join("tackboard.toml")
    }

    /// Where mails are kept as files while there is no mail server.
    pub fn outbox(&self) -> PathBuf {
        self.0.join("outbox")
    }

    /// Where the first credentials are written when nobody watches the start.
    pub fn first_credentials(&self) -> PathBuf {
        self.0.join("first-credentials")
    }

    /// Makes the folder if there is none, for its owner's eyes only, and an empty database file likewise.
    ///
    /// # Errors
    /// Says why the folder cannot be used.
    pub fn create(&self) -> Result<(), Failure> {
        let new = self.create_folder()?;
        let is_new = !self.database().exists();
        create_private(&self.database())?;
        let database = is_new.then(|| self.database());
        sync_names(new.iter().map(PathBuf::as_path).chain(database.as_deref()));
        Ok(())
    }

    /// Makes the folder if there is none, and returns the folders that are new.
    ///
    /// # Errors
    /// Says why the folder cannot be used.
    pub(super) fn create_folder(&self) -> Result<Vec<PathBuf>, Failure> {
        let is_new = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let new = self.0.ancestors().take_while(is_new);
        let new: Vec<PathBuf> = new.map(Path::to_owned).collect();
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .map_err(|cause| {
                refuse(format!(
                    "cannot create the data folder {}: {cause}; choose another with --data",
                    self.0.display()
                ))
            })?;
        match self.network_file_system() {
            Some(kind) => Err(refuse(format!(
                "the data folder {} is on a network file system ({kind}), where SQLite can lose data; \
                 choose a local disk with --data",
                self.0.display()
            ))),
            None => Ok(new),
        }
    }

    /// The kind of network file system that the folder is on, if it is on one.
    pub fn network_file_system(&self) -> Option<&'static str> {
        let kind = rustix::fs::statfs(&self.0).ok()?.f_type as u64 & 0xffff_ffff;
        NETWORK
            .iter()
            .find(|(magic, _)| *magic == kind)
            .map(|(_, name)| *name)
    }

    /// Takes the lock that says "a server runs here".
    ///
    /// # Errors
    /// Says that another server has it.
    pub fn lock(&self) -> Result<Lock, Failure> {
        let path = self.0.join("tackboard.lock");
        let failed = |cause| refuse(format!("{} cannot be opened: {cause}", path.display()));
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(refuse(format!(
                "another server is using the data folder {}; stop it, or choose another folder with --data",
                self.0.display()
            ))),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }
}

/// Makes new names durable, so that a power cut does not take the folder with everything in it. A folder above that must
/// not be read is left to the file system.
fn sync_names<'p>(new: impl Iterator<Item = &'p Path>) {
    for path in new {
        if let Err(error) = sync_folder_of(path) {
            tracing::warn!(%error, path = %path.display(), "a new name could not be made durable");
        }
    }
}

/// Makes an empty file that only its owner may read, unless it is there.
///
/// # Errors
/// Says why it cannot be made.
pub fn create_private(path: &Path) -> Result<(), Failure> {
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(cause) => Err(refuse(format!("cannot write {}: {cause}", path.display()))),
    }
}

/// Makes a file's name durable.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), Error> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|cause| Error::internal("syncing a folder", cause))
}
