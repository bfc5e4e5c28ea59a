//! The documentation site. It is rendered from the contract, the error catalog, the plans and the settings, so that it
//! cannot contradict the server. Independent of HTTP: `http/docs.rs` serves the pages.

mod assets;
mod code_samples;
mod format;
mod guides;
mod highlight;
mod json;
mod markdown;
mod page;
mod reference;
mod responses;
mod schema;
mod search_index;
mod sections;
mod site;
mod site_data;

use std::sync::{Arc, Mutex, PoisonError};

use self::site_data::SiteData;
use crate::config::Settings;
use crate::model::plans::Plan;

pub use self::page::{Compressed, Page};
pub use self::site::Site;

/// The site, rendered on the first request.
#[derive(Default)]
pub struct Docs(Mutex<Option<Arc<Site>>>);

impl Docs {
    /// Returns the site with these plans, which can change while the server runs. With `None`, because the database
    /// does not respond, the site stays as it was.
    ///
    /// # Errors
    /// A message that names the template and the problem.
    pub fn site(
        &self,
        origin: &str,
        settings: &Settings,
        plans: Option<Vec<Plan>>,
    ) -> Result<Arc<Site>, String> {
        let mut site = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = &*site
            && plans.as_ref().is_none_or(|plans| *plans == site.plans)
        {
            return Ok(Arc::clone(site));
        }
        let data = SiteData::collect(origin, settings, plans.unwrap_or_default())?;
        Ok(Arc::clone(site.insert(Arc::new(Site::new(data)?))))
    }
}
