#include "cpperon/base/properties.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon {

namespace {

constexpr std::size_t max_line_length = 2'047;
constexpr std::string_view blanks = " \t";

std::string_view without_leading_blanks(const std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

std::string_view without_trailing_blanks(const std::string_view text) {
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool is_comment_or_blank(const std::string_view line) {
    const std::string_view content = without_leading_blanks(line);
    return content.empty() || content.front() == '#' || content.front() == '!';
}

struct Property {
    std::string_view name;
    std::string_view value;
};

/// Trailing blanks of the value are part of it.
Property parse_property(const std::string_view line, const std::string_view where) {
    const std::size_t separator = line.find_first_of("=:");
    if (separator == std::string_view::npos) {
        throw InvalidArgumentError(fmt::format("{}: '{}' has no separator: write name=value", where, line));
    }
    const Property property{.name = without_trailing_blanks(without_leading_blanks(line.substr(0, separator))),
                            .value = without_leading_blanks(line.substr(separator + 1))};
    if (property.name.empty()) {
        throw InvalidArgumentError(fmt::format("{}: '{}' has no name: write name=value", where, line));
    }
    if (property.name.size() + property.value.size() > max_line_length) {
        throw InvalidArgumentError(fmt::format("{}: name and value of '{}' have {} characters, at most {} are allowed",
                                               where, property.name, property.name.size() + property.value.size(),
                                               max_line_length));
    }
    return property;
}

/// The physical lines of a text, without their ends.
class Lines {
public:
    Lines(const std::string_view text, const std::string_view source) : rest_(text), source_(source) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    [[nodiscard]] std::string_view next() {
        ++number_;
        const std::size_t end = rest_.find('\n');
        if (end == std::string_view::npos) {
            throw InvalidArgumentError(fmt::format("{}: the last line does not end with a newline: add one", where()));
        }
        std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.size() > max_line_length) {
            throw InvalidArgumentError(fmt::format("{}: the line has {} characters, at most {} are allowed", where(),
                                                   line.size(), max_line_length));
        }
        return line;
    }

    [[nodiscard]] std::string where() const { return fmt::format("{}:{}", source_, number_); }

private:
    std::string_view rest_;
    std::string_view source_;
    int number_ = 0;
};

}  // namespace

void Properties::set(const std::string_view property) {
    put(property, "-D");
}

void Properties::load_text(const std::string_view text, const std::string_view source) {
    Lines lines{text, source};
    while (!lines.at_end()) {
        std::string line{lines.next()};
        if (is_comment_or_blank(line)) {
            continue;
        }
        while (line.ends_with('\\')) {
            line.pop_back();
            std::string_view continuation = lines.at_end() ? std::string_view{} : lines.next();
            while (is_comment_or_blank(continuation) && !lines.at_end()) {
                continuation = lines.next();
            }
            if (is_comment_or_blank(continuation)) {
                throw InvalidArgumentError(
                    fmt::format("{}: nothing follows a line that ends in '\\': remove it", lines.where()));
            }
            line += without_leading_blanks(continuation);
        }
        put(line, lines.where());
    }
}

void Properties::load_file(std::string_view path) {
    constexpr std::string_view scheme = "file://";
    if (path.starts_with(scheme)) {
        path.remove_prefix(scheme.size());
    }
    if (path.starts_with("http://") || path.starts_with("https://")) {
        throw InvalidArgumentError(
            fmt::format("'{}' is no file: fetch it first and give its path, or its text to load_text", path));
    }
    errno = 0;
    std::ifstream file{std::string{path}, std::ios::binary};
    std::ostringstream text;
    if (!file || (file.peek() != std::ifstream::traits_type::eof() && !(text << file.rdbuf())) || file.bad()) {
        throw IoError(fmt::format("cannot read the properties file '{}'", path), errno == 0 ? EIO : errno);
    }
    load_text(text.str(), path);
}

void Properties::put(const std::string_view property, const std::string_view where) {
    const auto [name, value] = parse_property(property, where);
    entries_.insert_or_assign(
        environment_name(name),
        Entry{.name = std::string{name}, .value = std::string{value}, .where = std::string{where}});
}

EnvironmentLookup Properties::over(EnvironmentLookup environment) const {
    return [entries = entries_,
            environment = std::move(environment)](const std::string_view name) -> std::optional<std::string> {
        const auto found = entries.find(name);
        if (found == entries.end()) {
            return environment(name);
        }
        return found->second.value.empty() ? std::nullopt : std::optional{found->second.value};
    };
}

}  // namespace cpperon
