/// Numbers as people write them in channel URIs, properties and environment variables: sizes (`64k`), durations (`5ms`)
/// and integers (`0x7fffffff`), read and printed.
/// Used by the uri room, by the settings of clients and drivers and by the tools; pure functions, any thread.
/// spec: 05 §3.1..3.3, §17.4; 01 §10.2
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"

namespace cpperon {

/// Reads a size in bytes: decimal digits, then nothing or one of `k`, `m`, `g` (any case; powers of 1,024), which may
/// be followed by a `b` (`64kb`). White space and a sign may precede the digits.
///
/// Digits alone saturate at 2^63-1; with a suffix, a value above 2^63-1 is an error, and so are negative values,
/// hexadecimal, fractions, other suffixes and any further text. The error has code `invalid_argument` and says which
/// text is wrong, why, and what is allowed. spec: 05 §3.1
[[nodiscard]] Result<std::int64_t> try_parse_size(std::string_view text);

/// As `try_parse_size`, but throws `InvalidArgumentError`.
[[nodiscard]] std::int64_t parse_size(std::string_view text);

/// Reads a duration in nanoseconds: decimal digits, then nothing (nanoseconds) or `ns`, `us`, `ms`, `s` (any case).
/// The one-letter forms `n`, `u`, `m` are read as `ns`, `us`, `ms` (so `10m` is ten *milli*seconds), as existing
/// drivers do. White space and a sign may precede the digits.
///
/// A duration above 2^63-1 ns saturates there. Negative values, fractions, minutes, hours and any further text are
/// errors of code `invalid_argument`. spec: 05 §3.2, 01 §10.2
[[nodiscard]] Result<std::int64_t> try_parse_duration_ns(std::string_view text);

/// As `try_parse_duration_ns`, but throws `InvalidArgumentError`.
[[nodiscard]] std::int64_t parse_duration_ns(std::string_view text);

/// Reads an integer: decimal, `0x` hexadecimal or, with a leading `0`, octal (`020` is 16, as existing drivers read
/// it). White space and a sign may precede the digits; text after them, and values out of range, are errors of code
/// `invalid_argument`. spec: 05 §3.3
[[nodiscard]] Result<std::int64_t> try_parse_int64(std::string_view text);
[[nodiscard]] Result<std::int32_t> try_parse_int32(std::string_view text);

/// As `try_parse_int64`, but decimal only: a leading `0` means nothing and `0x10` is an error. spec: 05 §3.3
[[nodiscard]] Result<std::int64_t> try_parse_decimal_int64(std::string_view text);

/// Prints a size, not negative, with the largest of `g`, `m`, `k` that divides it: `1024` is `1k`, `10224` is `10224`.
/// spec: 05 §3.1
[[nodiscard]] std::string format_size(std::int64_t bytes);

/// Prints a duration, not negative, with the largest of `s`, `ms`, `us`, `ns` that divides it: `1000` is `1us`, `0` is
/// `0ns`. spec: 05 §3.2
[[nodiscard]] std::string format_duration(std::int64_t duration_ns);

}  // namespace cpperon
