//! The result of a check.

/// What is in order, or everything that is not and what to do about it.
pub(super) type Finding = Result<String, Vec<String>>;

/// A finding with one problem.
pub(super) fn wrong(problem: String) -> Finding {
    Err(vec![problem])
}

/// The problems, or what is in order if there are none.
pub(super) fn all_of(problems: Vec<String>, well: impl FnOnce() -> String) -> Finding {
    if problems.is_empty() {
        Ok(well())
    } else {
        Err(problems)
    }
}
