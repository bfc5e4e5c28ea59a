//! Paging: a cursor contains the sort key and the id of the last row.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Error;

/// Rows per page if a request has a cursor but no limit.
const DEFAULT_LIMIT: u32 = 100;

/// The paging parameters of a request.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PageQuery {
    /// Maximum number of rows.
    pub limit: Option<u32>,
    /// The cursor from the previous page.
    pub cursor: Option<String>,
}

/// A sort key that a cursor can contain.
pub trait SortKey: Sized {
    /// Writes the key as text.
    fn encode(&self) -> String;
    /// Parses the text of a key.
    fn decode(text: &str) -> Option<Self>;
}

impl SortKey for i64 {
    fn encode(&self) -> String {
        self.to_string()
    }

    fn decode(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl SortKey for String {
    fn encode(&self) -> String {
        self.clone()
    }

    fn decode(text: &str) -> Option<Self> {
        (!text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric()))
            .then(|| text.to_owned())
    }
}

/// A request for one page of a list that is sorted by `K`, then by id.
#[derive(Clone, Debug)]
pub struct PageRequest<K> {
    /// Maximum number of rows; `None` means all rows.
    pub limit: Option<u32>,
    /// The last row of the previous page.
    pub after: Option<(K, Uuid)>,
}

impl<K> PageRequest<K> {
    /// The whole list.
    pub const ALL: Self = Self {
        limit: None,
        after: None,
    };
}

impl<K: SortKey> PageRequest<K> {
    /// Parses the paging parameters. Without parameters, the page is the whole list.
    ///
    /// # Errors
    /// `invalid_request` for an invalid `cursor`.
    pub fn from_query(query: &PageQuery) -> Result<Self, Error> {
        let after = match query.cursor.as_deref() {
            None => None,
            Some(text) => Some(
                decode(text)
                    .ok_or_else(|| Error::field("cursor", "Cursor is not one of this list"))?,
            ),
        };
        let limit = query
            .limit
            .or_else(|| after.is_some().then_some(DEFAULT_LIMIT));
        Ok(Self { limit, after })
    }

    /// Whether the response is a page with the next cursor.
    pub fn is_paged(&self) -> bool {
        self.limit.is_some()
    }

    /// Calls a function for every row of a list, which is read page by page.
    ///
    /// # Errors
    /// Those of the two functions.
    pub fn for_each<T>(
        get: impl Fn(&Self) -> Result<PageRows<T>, Error>,
        each: &mut dyn FnMut(&T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut query = PageQuery {
            limit: Some(DEFAULT_LIMIT),
            cursor: None,
        };
        loop {
            let page = get(&Self::from_query(&query)?)?;
            page.rows.iter().try_for_each(&mut *each)?;
            query.cursor = match page.next_cursor {
                Some(cursor) => Some(cursor),
                None => return Ok(()),
            };
        }
    }

    /// How many rows to read: one more than requested, to know whether there is a next page. -1 means all rows in
    /// SQLite.
    pub fn fetch(&self) -> i64 {
        self.limit.map_or(-1, |limit| i64::from(limit) + 1)
    }

    /// Cuts the rows to the page, and creates the next cursor.
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> (K, Uuid)) -> PageRows<T> {
        let limit = self.limit.map_or(usize::MAX, |limit| limit as usize);
        if rows.len() <= limit {
            return PageRows {
                rows,
                next_cursor: None,
            };
        }
        rows.truncate(limit);
        let next_cursor = rows.last().map(|row| {
            let (key, id) = key(row);
            BASE64_URL_SAFE_NO_PAD.encode(format!("{}.{}", id.simple(), key.encode()))
        });
        PageRows { rows, next_cursor }
    }
}

/// The rows of a page and the next cursor.
#[derive(Clone, Debug)]
pub struct PageRows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The next cursor; `None` on the last page.
    pub next_cursor: Option<String>,
}

fn decode<K: SortKey>(cursor: &str) -> Option<(K, Uuid)> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, key) = text.split_once('.')?;
    Some((K::decode(key)?, Uuid::try_parse(id).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{PageQuery, PageRequest};
    use uuid::Uuid;

    #[test]
    fn a_cursor_leads_to_where_the_page_ended() {
        let first = PageRequest::<i64> {
            limit: Some(2),
            after: None,
        };
        let rows: Vec<(i64, Uuid)> = (0..3).map(|n| (n, Uuid::from_u128(n as u128))).collect();
        let slice = first.cut(rows, |row| *row);
        assert_eq!(slice.rows.len(), 2);
        let query = PageQuery {
            limit: None,
            cursor: slice.next_cursor,
        };
        let next = PageRequest::<i64>::from_query(&query).unwrap_or_else(|_| unreachable!());
        assert_eq!(next.after, Some((1, Uuid::from_u128(1))));
        assert_eq!(next.limit, Some(100));
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        for bad in ["", "x", "AAAA", "%%%", "MDE5MGYzYTE"] {
            let query = PageQuery {
                limit: Some(1),
                cursor: Some(bad.to_owned()),
            };
            assert!(
                PageRequest::<String>::from_query(&query).is_err(),
                "{bad:?}"
            );
        }
    }
}
