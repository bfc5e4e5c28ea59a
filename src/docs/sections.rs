//! The words of a text by section, for the search index.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// The words before the first heading, then those after each heading, without code blocks. The title is no heading.
pub(super) fn texts(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut texts = vec![String::new()];
    let mut is_skipped = false;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                is_skipped = true;
                if level != HeadingLevel::H1 {
                    texts.push(String::new());
                }
            }
            Event::Start(Tag::CodeBlock(_)) => is_skipped = true,
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock) => is_skipped = false,
            Event::Text(words) | Event::Code(words) if !is_skipped => {
                add(&mut texts, &words);
            }
            Event::SoftBreak | Event::End(_) => add(&mut texts, " "),
            _ => {}
        }
    }
    for text in &mut texts {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    texts
}

fn add(texts: &mut [String], words: &str) {
    if let Some(text) = texts.last_mut() {
        text.push_str(words);
    }
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn each_section_has_its_words_and_no_code_blocks() {
        let text = "# Title\n\nThe `lead`.\n\n## One\n\n|a|b|\n|-|-|\n|c|d|\n\n```sh\nls\n```\n\n### Two\n\n*x*\ny";
        assert_eq!(texts(text), ["The lead.", "a b c d", "x y"]);
    }
}
