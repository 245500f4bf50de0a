/// Settings as text, `name=value` per line: from the command line and from properties files. They overlay the
/// environment. Used by programs that start a driver or a client. spec: 06 §3.1, §3.2, 07 §B.12
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cpperon/base/environment.hpp"

namespace cpperon {

/// Collects properties in the order in which they are given: a later one replaces an earlier one, and one with an empty
/// value unsets what the environment has. All loads throw `InvalidArgumentError` naming source, line and what is
/// wrong; what came before stays set.
///
///     cpperon::Properties properties;
///     properties.load_file("aeron.properties");
///     auto aeron = cpperon::Aeron::connect({.environment = properties.over(cpperon::process_environment())});
class Properties {
public:
    /// One `name=value` or `name:value`, as behind `-D`.
    void set(std::string_view property);

    /// A whole text; each line, the last one too, ends with a newline. `source` is for messages.
    void load_text(std::string_view text, std::string_view source);

    /// A file, by path or as `file://path`. Throws `IoError` where it cannot be read.
    void load_file(std::string_view path);

    /// The value of an environment variable as these properties leave it. The result keeps a copy of them.
    [[nodiscard]] EnvironmentLookup over(EnvironmentLookup environment) const;

    /// A property as it was given last.
    struct Entry {
        std::string name;   ///< as it was written
        std::string value;  ///< empty: the variable is unset
        std::string where;  ///< `-D`, or the source and its line
    };
    /// By the name of the environment variable. For programs that explain where a setting comes from.
    [[nodiscard]] const std::map<std::string, Entry, std::less<>>& entries() const noexcept { return entries_; }

private:
    /// `where`: for messages.
    void put(std::string_view property, std::string_view where);

    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace cpperon
