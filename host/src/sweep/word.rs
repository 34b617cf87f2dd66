//! A word of a command line in which names in braces stand for values.

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name(String),
}

/// A word: `{codewords}x16x8` has a name and a text; `{{` and `}}` are braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(Vec<Piece>);

impl Word {
    /// # Errors
    /// If a brace has no partner, or holds no name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let (mut rest, mut plain) = (text, String::new());
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = behind;
                continue;
            }
            let name = rest.split_once('}').filter(|(name, _)| brace == "{" && is_name(name));
            let Some((name, behind)) = name else {
                return Err(format!(
                    "`{text}`: a placeholder is a name in braces, as {{seed}}; a brace itself is \
                     written twice"
                ));
            };
            pieces.extend(
                Some(std::mem::take(&mut plain)).filter(|p| !p.is_empty()).map(Piece::Text),
            );
            pieces.push(Piece::Name(name.into()));
            rest = behind;
        }
        plain.push_str(rest);
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// The names in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text in it that is no name's.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Name(_) => None,
        })
    }

    /// It is one name and nothing else.
    pub fn is_one_name(&self) -> bool {
        matches!(self.0[..], [Piece::Name(_)])
    }

    /// The words that it becomes: as many as the value has if it is one name, else one.
    pub fn fill<'a>(&self, value: impl Fn(&str) -> &'a [String]) -> Vec<String> {
        match &self.0[..] {
            [Piece::Name(name)] => value(name).to_vec(),
            pieces => {
                let text = |piece: &Piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Name(name) => value(name).concat(),
                };
                vec![pieces.iter().map(text).collect()]
            }
        }
    }
}

/// A name as axes and placeholders have it.
pub fn is_name(text: &str) -> bool {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic());
    first && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_takes_its_value_and_a_brace_is_written_twice() {
        let values = [vec!["64".to_string()], vec!["--keep".into(), "a b".into()]];
        let value = |name: &str| values[usize::from(name == "many")].as_slice();
        let fill = |text: &str| Word::parse(text).expect("a word").fill(value);
        assert_eq!(fill("{one}x16x{one}"), ["64x16x64"]);
        assert_eq!(fill("{many}"), ["--keep", "a b"]);
        assert_eq!(fill("{{one}}{one}"), ["{one}64"]);
        assert_eq!(fill(""), [""]);
        for wrong in ["{", "}", "{}", "{a", "a}", "{a b}", "{1}", "{{a}", "{a{b}}"] {
            assert!(Word::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(text in "[a-z{} é]{0,12}") {
            let quoted = text.replace('{', "{{").replace('}', "}}");
            let word = Word::parse(&quoted).expect("a word");
            prop_assert_eq!(word.fill(|_| &[]), [text]);
        }
    }
}
