//! Texts without what nobody can see: control characters, and marks that turn the direction of what follows.

use std::borrow::Cow;

/// Ends a text that was cut.
const CUT: char = '…';

/// The text with its line breaks and tabs, without all other control characters, without noncharacters, and without the
/// marks that change the direction of writing beyond it.
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

/// The text on one line, with single spaces, cut to this many characters.
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
        // A word that had nothing to be seen leaves no space behind.
        if count == before + 1 && line.ends_with(' ') {
            line.pop();
            count = before;
        }
    }
    line
}

/// Whether a character shows nothing and does something.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}')
        || (u32::from(c) & 0xfffe) == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::{line, text};

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
    fn a_line_is_one_line_of_that_length() {
        assert_eq!(line(" a\r\nBcc:  b\u{202e}\t\u{0}c ", 99), "a Bcc: b c");
        assert_eq!(line("a \u{202e} b \u{2066}", 99), "a b");
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("ab cdefg", 3), "ab…");
        assert_eq!(line("", 3), "");
    }
}
