/// Options that several commands have alike: numbers, durations, channels, idle strategies. Each says what is allowed
/// when it is given something else.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cpperon/base/idle_strategy.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): that of CLI11
class App;
class Option;
}  // namespace CLI

namespace cpperon::tools {

/// One end of a stream.
struct StreamOption {
    std::string channel;
    std::int32_t stream_id = 0;

    /// `channel_names` as `-c,--channel`; `what` ends the sentence "Channel ...". The object must outlive the parsing,
    /// as the variables below.
    void add_to(CLI::App& command, const std::string& channel_names, const std::string& stream_names,
                const std::string& what);
};

/// A count or a rate: a whole number, which may end in k, m or g (thousands, millions, milliards).
CLI::Option* add_number(CLI::App& command, const std::string& names, std::int64_t& value, const std::string& what,
                        std::int64_t lowest, std::int64_t highest);
/// The same, for one that need not be given.
CLI::Option* add_number(CLI::App& command, const std::string& names, std::optional<std::int64_t>& value,
                        const std::string& what, std::int64_t lowest, std::int64_t highest);

/// Bytes: a whole number, which may end in k, m or g (powers of 1,024, as lengths in channels and settings).
CLI::Option* add_length(CLI::App& command, const std::string& names, std::int64_t& value, const std::string& what,
                        std::int64_t lowest, std::int64_t highest);

/// Reads a count. Nothing for text that is none.
[[nodiscard]] std::optional<std::int64_t> parse_count(std::string_view text);

/// A whole number with `ns`, `us`, `ms` or `s`, up to a week.
CLI::Option* add_duration(CLI::App& command, const std::string& names, std::chrono::nanoseconds& value,
                          const std::string& what);
CLI::Option* add_duration(CLI::App& command, const std::string& names, std::optional<std::chrono::nanoseconds>& value,
                          const std::string& what);

/// Whole milliseconds up to an hour, without a unit, as the reference's tools have them.
CLI::Option* add_milliseconds(CLI::App& command, const std::string& names, std::chrono::milliseconds& value,
                              const std::string& what, std::int64_t lowest = 0);

/// What a thread does that finds nothing to do: `yield`, `spin`, `backoff:10-20-1us-1ms`, ...
struct IdleOption {
    std::string text = "yield";

    void add_to(CLI::App& command);
    [[nodiscard]] std::unique_ptr<IdleStrategy> make() const;
};

/// A processor to keep a thread on.
CLI::Option* add_processor(CLI::App& command, const std::string& names, std::optional<std::int64_t>& value,
                           const std::string& what);

}  // namespace cpperon::tools
