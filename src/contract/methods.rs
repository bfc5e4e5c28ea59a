//! The methods of HTTP in the document.

/// The methods that a path of the document can have.
pub const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
