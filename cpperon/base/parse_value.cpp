#include "cpperon/base/parse_value.hpp"

#include <array>
#include <limits>

#include <fmt/format.h>

namespace cpperon {

namespace {

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t uint64_max = std::numeric_limits<std::uint64_t>::max();

/// A sign and a magnitude, which saturates at 2^64-1, read from the front of a text; `rest` is what follows the digits.
struct LeadingNumber {
    bool has_digits = false;
    bool is_negative = false;
    std::uint64_t magnitude = 0;
    std::string_view rest;
};

enum class Bases { decimal, by_prefix };

constexpr bool is_space(const char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

constexpr char to_lower(const char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The value of a digit, or 255.
constexpr std::uint64_t digit_value(const char c) noexcept {
    if (c >= '0' && c <= '9') {
        return static_cast<std::uint64_t>(c - '0');
    }
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? static_cast<std::uint64_t>(lower - 'a') + 10 : 255;
}

LeadingNumber read_number(std::string_view text, const Bases bases) noexcept {
    LeadingNumber number;
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        number.is_negative = text.front() == '-';
        text.remove_prefix(1);
    }
    std::uint64_t base = 10;
    if (bases == Bases::by_prefix && text.size() > 1 && text[0] == '0') {
        const bool is_hexadecimal = text.size() > 2 && to_lower(text[1]) == 'x' && digit_value(text[2]) < 16;
        base = is_hexadecimal ? 16 : 8;
        text.remove_prefix(is_hexadecimal ? 2 : 0);
    }
    while (!text.empty() && digit_value(text.front()) < base) {
        const std::uint64_t digit = digit_value(text.front());
        const bool overflows = number.magnitude > (uint64_max - digit) / base;
        number.magnitude = overflows ? uint64_max : number.magnitude * base + digit;
        number.has_digits = true;
        text.remove_prefix(1);
    }
    number.rest = text;
    return number;
}

ErrorInfo invalid(std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

ErrorInfo not_a(const std::string_view what, const std::string_view text, const std::string_view why,
                const std::string_view allowed) {
    return invalid(fmt::format("'{}' is not a {}: {}; {}", text, what, why, allowed));
}

constexpr std::string_view size_form = "write digits and an optional k, m or g, for example 64k";
constexpr std::string_view duration_form = "write digits and ns, us, ms or s, for example 5ms";
constexpr std::string_view integer_form = "write digits, with 0x before hexadecimal ones, and nothing after them";
constexpr std::string_view decimal_form = "write decimal digits and nothing after them";

/// The digits of a size or a duration, which are decimal and not negative, saturated at 2^63-1.
struct Quantity {
    std::int64_t count;
    std::string_view suffix;
};

Result<Quantity> read_quantity(const std::string_view text, const std::string_view what,
                               const std::string_view allowed) {
    const LeadingNumber number = read_number(text, Bases::decimal);
    if (!number.has_digits) {
        return not_a(what, text, "it does not start with a number", allowed);
    }
    if (number.is_negative && number.magnitude != 0) {
        return not_a(what, text, "it is negative", allowed);
    }
    const auto limit = static_cast<std::uint64_t>(int64_max);
    return Quantity{.count = number.magnitude > limit ? int64_max : static_cast<std::int64_t>(number.magnitude),
                    .suffix = number.rest};
}

/// Equal but for the case of letters; `lower` is lower case.
bool equals_ignoring_case(const std::string_view text, const std::string_view lower) noexcept {
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (to_lower(text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

struct Unit {
    std::string_view name;        ///< as it is printed
    std::string_view other_name;  ///< as it may be written too
    std::int64_t factor;
};

constexpr std::array size_units{Unit{"g", "gb", std::int64_t{1} << 30U}, Unit{"m", "mb", std::int64_t{1} << 20U},
                                Unit{"k", "kb", std::int64_t{1} << 10U}};
constexpr std::array duration_units{Unit{"s", "s", 1'000'000'000}, Unit{"ms", "m", 1'000'000}, Unit{"us", "u", 1'000},
                                    Unit{"ns", "n", 1}};

template <std::size_t count>
const Unit* find_unit(const std::array<Unit, count>& units, const std::string_view suffix) noexcept {
    for (const Unit& unit : units) {
        if (equals_ignoring_case(suffix, unit.name) || equals_ignoring_case(suffix, unit.other_name)) {
            return &unit;
        }
    }
    return nullptr;
}

Result<std::int64_t> read_integer(const std::string_view text, const Bases bases, const std::int64_t lowest,
                                  const std::int64_t highest) {
    const std::string_view form = bases == Bases::decimal ? decimal_form : integer_form;
    const LeadingNumber number = read_number(text, bases);
    if (!number.has_digits) {
        return not_a("number", text, "it has no digits", form);
    }
    if (!number.rest.empty()) {
        return not_a("number", text, fmt::format("'{}' follows the digits", number.rest), form);
    }
    // The magnitude of the lowest value, taken in unsigned arithmetic where it cannot overflow.
    const std::uint64_t limit = number.is_negative ? std::uint64_t{0} - static_cast<std::uint64_t>(lowest)
                                                   : static_cast<std::uint64_t>(highest);
    if (number.magnitude > limit) {
        return invalid(fmt::format("'{}' is out of range: {} to {} is allowed", text, lowest, highest));
    }
    return static_cast<std::int64_t>(number.is_negative ? std::uint64_t{0} - number.magnitude : number.magnitude);
}

}  // namespace

Result<std::int64_t> try_parse_size(const std::string_view text) {
    Result<Quantity> quantity = read_quantity(text, "size", size_form);
    if (!quantity) {
        return quantity.error();
    }
    if (quantity->suffix.empty()) {
        return quantity->count;
    }
    const Unit* unit = find_unit(size_units, quantity->suffix);
    if (unit == nullptr) {
        return not_a("size", text, fmt::format("'{}' is no unit of sizes", quantity->suffix), size_form);
    }
    if (quantity->count > int64_max / unit->factor) {
        return invalid(fmt::format("'{}' is too large a size: at most {}{} is allowed", text, int64_max / unit->factor,
                                   unit->name));
    }
    return quantity->count * unit->factor;
}

std::int64_t parse_size(const std::string_view text) {
    return try_parse_size(text).value_or_throw();
}

Result<std::int64_t> try_parse_duration_ns(const std::string_view text) {
    Result<Quantity> quantity = read_quantity(text, "duration", duration_form);
    if (!quantity) {
        return quantity.error();
    }
    if (quantity->suffix.empty()) {
        return quantity->count;
    }
    const Unit* unit = find_unit(duration_units, quantity->suffix);
    if (unit == nullptr) {
        return not_a("duration", text, fmt::format("'{}' is no unit of durations", quantity->suffix), duration_form);
    }
    return quantity->count > int64_max / unit->factor ? int64_max : quantity->count * unit->factor;
}

std::int64_t parse_duration_ns(const std::string_view text) {
    return try_parse_duration_ns(text).value_or_throw();
}

Result<std::int64_t> try_parse_int64(const std::string_view text) {
    return read_integer(text, Bases::by_prefix, std::numeric_limits<std::int64_t>::min(), int64_max);
}

Result<std::int32_t> try_parse_int32(const std::string_view text) {
    Result<std::int64_t> value = read_integer(text, Bases::by_prefix, std::numeric_limits<std::int32_t>::min(),
                                              std::numeric_limits<std::int32_t>::max());
    if (!value) {
        return value.error();
    }
    return static_cast<std::int32_t>(*value);
}

Result<std::int64_t> try_parse_decimal_int64(const std::string_view text) {
    return read_integer(text, Bases::decimal, std::numeric_limits<std::int64_t>::min(), int64_max);
}

std::string format_size(const std::int64_t bytes) {
    for (const Unit& unit : size_units) {
        if (bytes > 0 && bytes % unit.factor == 0) {
            return fmt::format("{}{}", bytes / unit.factor, unit.name);
        }
    }
    return fmt::format("{}", bytes);
}

std::string format_duration(const std::int64_t duration_ns) {
    for (const Unit& unit : duration_units) {
        if (duration_ns > 0 && duration_ns % unit.factor == 0) {
            return fmt::format("{}{}", duration_ns / unit.factor, unit.name);
        }
    }
    return fmt::format("{}ns", duration_ns);
}

}  // namespace cpperon
