//! Removes invisible characters from texts: control characters, and marks that change the direction of the text after them.

use std::borrow::Cow;

/// The last character of a shortened text.
const CUT: char = '…';

/// The text without noncharacters, direction marks, and control characters other than line breaks and tabs. Every kind of
/// line break becomes `\n`.
pub fn text(text: &str) -> String {
    let lines: Cow<'_, str> = match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        false => text.into(),
    };
    let kept = lines.chars().filter_map(|c| match c {
        '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        c => (c == '\n' || c == '\t' || !is_hidden(c)).then_some(c),
    });
    kept.collect()
}

/// The text on one line, with single spaces, shortened to this many characters.
pub fn line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    let mut count = 0;
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        let space = (count > 0).then_some(' ');
        let before = count;
        for c in space
            .into_iter()
            .chain(word.chars().filter(|c| !is_hidden(*c)))
        {
            if count == longest {
                line.pop();
                line.push(CUT);
                return line;
            }
            line.push(c);
            count += 1;
        }
        // A word of only hidden characters adds no space.
        if count == before + 1 && line.ends_with(' ') {
            line.pop();
            count = before;
        }
    }
    line
}

/// Whether a text contains white space or an invisible character.
pub fn has_unseen(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_whitespace() || is_hidden(c) || is_ignorable(c))
}

/// Unicode's property Default_Ignorable_Code_Point.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a character is invisible and must not be in a text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}')
        || (u32::from(c) & 0xfffe) == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::{has_unseen, line, text};

    #[test]
    fn hidden_characters_go_and_lines_stay() {
        assert_eq!(
            text("a\r\nb\rc\u{2028}d\te\0\u{7}f\u{9b}g"),
            "a\nb\nc\nd\tefg"
        );
        assert_eq!(text("\u{202e}abc\u{2066}\u{fdd0}\u{ffff}\u{1fffe}"), "abc");
        assert_eq!(text("שלום\u{200f}, Zoë 👩‍👧"), "שלום\u{200f}, Zoë 👩‍👧");
    }

    #[test]
    fn what_nobody_can_see_is_found() {
        for unseen in [
            "a b",
            "a\u{a0}",
            "\u{200b}a",
            "a\u{ad}b",
            "a\u{7}",
            "\u{fdd0}",
        ] {
            assert!(has_unseen(unseen), "{unseen:?}");
        }
        assert!(!has_unseen("Zoë-שלום_例え!"));
    }

    #[test]
    fn a_line_is_one_line_of_that_length() {
        assert_eq!(line(" a\r\nBcc:  b\u{202e}\t\u{0}c ", 99), "a Bcc: b c");
        assert_eq!(line("a \u{202e} b \u{2066}", 99), "a b");
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("ab cdefg", 3), "ab…");
        assert_eq!(line("", 3), "");
    }
}
