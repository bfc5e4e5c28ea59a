//! A card's accent color, and the colors derived from it so that text is readable in light and dark mode.

use std::fmt;

use super::cards::DEFAULT_ACCENT_COLOR;

/// Minimum contrast of text: level AA of the accessibility guidelines.
const READABLE: f64 = 4.5;
/// The background of text in light mode.
const LIGHT_SURFACE: Color = Color([0xff, 0xff, 0xff]);
/// The background of text in dark mode.
const DARK_SURFACE: Color = Color([0x1c, 0x1d, 0x22]);
/// The background around the card in dark mode, before it is tinted with the accent.
const DARK_BACKGROUND: Color = Color([0x0d, 0x0e, 0x11]);
const BLACK: Color = Color([0, 0, 0]);
const WHITE: Color = Color([0xff, 0xff, 0xff]);
/// Steps from a color to black or white.
const STEPS: u16 = 64;

/// A color; shown as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 3]);

/// The colors of a card page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The chosen accent, for areas without text.
    pub accent: Color,
    /// Links and buttons in light mode.
    pub link: Color,
    /// The background around the card in light mode.
    pub background: Color,
    /// Links and buttons in dark mode.
    pub dark_link: Color,
    /// The background around the card in dark mode.
    pub dark_background: Color,
}

impl Palette {
    /// Returns the colors for an accent color `#rrggbb`. Anything else counts as the default.
    pub fn of(accent: &str) -> Self {
        let accent = Color::parse(accent).or_else(|| Color::parse(DEFAULT_ACCENT_COLOR));
        let accent = accent.unwrap_or(BLACK);
        Self {
            accent,
            link: accent.readable_on(LIGHT_SURFACE, BLACK),
            background: accent.mixed(WHITE, 58),
            dark_link: accent.readable_on(DARK_SURFACE, WHITE),
            dark_background: accent.mixed(DARK_BACKGROUND, 55),
        }
    }
}

impl Color {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// Mixes the color with another, by this many of [`STEPS`].
    fn mixed(self, other: Color, steps: u16) -> Self {
        let mix = |from: u8, to: u8| {
            let sum = u16::from(from) * (STEPS - steps) + u16::from(to) * steps;
            ((sum + STEPS / 2) / STEPS) as u8
        };
        Self(std::array::from_fn(|at| mix(self.0[at], other.0[at])))
    }

    /// Mixes the color with another, only as far as needed to be readable on this background.
    fn readable_on(self, surface: Color, towards: Color) -> Self {
        let shades = (0..=STEPS).map(|steps| self.mixed(towards, steps));
        let mut readable = shades.filter(|shade| shade.contrast(surface) >= READABLE);
        readable.next().unwrap_or(towards)
    }

    /// Contrast by WCAG 2, from 1 to 21.
    fn contrast(self, other: Color) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let value = f64::from(channel) / 255.0;
            match value <= 0.04045 {
                true => value / 12.92,
                false => ((value + 0.055) / 1.055).powf(2.4),
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Color, DARK_SURFACE, LIGHT_SURFACE, Palette, READABLE};
    use proptest::prelude::*;

    /// The style sheet's text colors, normal and quiet, for light and dark mode.
    const TEXTS: [(&str, &str); 2] = [("#22242a", "#4a4d55"), ("#ececf0", "#b6b9c2")];

    fn color(text: &str) -> Color {
        Color::parse(text).unwrap_or_else(|| unreachable!("{text}"))
    }

    #[test]
    fn contrasts_are_those_of_the_guidelines() {
        let gray = color("#767676").contrast(LIGHT_SURFACE);
        assert!((gray - 4.54).abs() < 0.01, "{gray}");
        let black = color("#000000").contrast(LIGHT_SURFACE);
        assert!((black - 21.0).abs() < 1e-9, "{black}");
    }

    #[test]
    fn an_accent_that_can_be_read_stays_as_it_is() {
        let palette = Palette::of("#2563EB");
        assert_eq!(palette.accent.to_string(), "#2563eb");
        assert_eq!(palette.link, palette.accent);
    }

    #[test]
    fn what_is_no_color_is_the_default() {
        for bad in [
            "",
            "red",
            "#fff",
            "#12345g",
            "#+12345",
            "#1234567",
            "}*{color:red",
        ] {
            assert_eq!(Palette::of(bad), Palette::of("#2563eb"), "{bad}");
        }
    }

    #[test]
    fn the_style_sheet_has_these_surfaces_and_texts() {
        let style = include_str!("../../static/card/card.css");
        let surfaces =
            [LIGHT_SURFACE, DARK_SURFACE].map(|surface| format!("--surface: {surface};"));
        let texts = TEXTS.map(|(text, quiet)| format!("--text: {text};|--quiet: {quiet};"));
        for declaration in surfaces
            .iter()
            .chain(&texts)
            .flat_map(|both| both.split('|'))
        {
            assert!(style.contains(declaration), "{declaration}");
        }
    }

    proptest! {
        #[test]
        fn any_accent_leaves_everything_readable(
            accent in prop_oneof![any::<[u8; 3]>(), any::<[bool; 3]>().prop_map(|on| on.map(|on| if on { 255 } else { 0 }))]
        ) {
            let palette = Palette::of(&Color(accent).to_string());
            let [(text, quiet), (dark_text, dark_quiet)] = TEXTS;
            for (foreground, background) in [
                (palette.link, LIGHT_SURFACE),
                (palette.dark_link, DARK_SURFACE),
                (color(quiet), palette.background),
                (color(dark_quiet), palette.dark_background),
                (color(text), palette.background),
                (color(dark_text), palette.dark_background),
                (color(quiet), LIGHT_SURFACE),
                (color(dark_quiet), DARK_SURFACE),
            ] {
                prop_assert!(foreground.contrast(background) >= READABLE, "{foreground} on {background}");
            }
        }
    }
}
