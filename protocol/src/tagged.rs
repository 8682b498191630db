//! Enums whose kind is the field `"t"`, decoded in two passes.

/// Declares an enum of structs that is written flat with its kind in `"t"`.
///
/// Decoding names the kind first and then reads the one struct it stands for from the same bytes: serde's own
/// tag attribute would buffer the whole message (250 KB of nils became 9.4 MiB).
macro_rules! tagged {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $tag:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(tag = "t")]
        pub enum $name {
            $($(#[$variant_meta])* #[doc = concat!("`", $tag, "`")] #[serde(rename = $tag)] $variant($variant),)*
        }

        impl $name {
            /// Every kind, as it is named on the wire.
            pub const KINDS: &'static [&'static str] = &[$($tag),*];

            /// This value's kind on the wire.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $tag,)*
                }
            }

            /// Reads the struct that `kind` stands for; `None` if this enum has no such kind.
            pub fn decode(
                kind: &str,
                bytes: &[u8],
                encoding: $crate::Encoding,
            ) -> Option<Result<Self, $crate::codec::FieldError>> {
                match kind {
                    $($tag => Some($crate::codec::decode_struct(bytes, encoding).map(Self::$variant)),)*
                    _ => None,
                }
            }
        }

        $(impl From<$variant> for $name {
            fn from(value: $variant) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

pub(crate) use tagged;

/// Declares plain structs that travel: all of them are cloned, compared, written and read alike.
macro_rules! records {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
            #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $type,)*
            }
        )*
    };
}

pub(crate) use records;
