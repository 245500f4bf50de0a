#if defined(__GNUC__) && !defined(__clang__)
// With sanitizers GCC takes parts of std::regex for uninitialised.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include "tools/counter_filter.hpp"

#include <algorithm>
#include <optional>
#include <regex>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "tools/streams.hpp"

namespace cpperon::tools {

namespace {

std::regex compile(const std::string& pattern) {
    try {
        return std::regex{pattern};
    } catch (const std::regex_error& error) {
        throw InvalidArgumentError(
            fmt::format("'{}' is no regular expression: {}; put a backslash before characters that are meant literally",
                        pattern, error.what()));
    }
}

/// True where nothing was asked for.
template <typename Value>
bool is_among(const std::vector<Value>& wanted, const Value value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

}  // namespace

struct CounterFilter::Patterns {
    std::optional<std::regex> label;
    std::optional<std::regex> channel;
};

CounterFilter::CounterFilter() : patterns_(std::make_unique<Patterns>()) {}
CounterFilter::~CounterFilter() = default;
CounterFilter::CounterFilter(CounterFilter&&) noexcept = default;
CounterFilter& CounterFilter::operator=(CounterFilter&&) noexcept = default;

void CounterFilter::set_label(const std::string& pattern) {
    patterns_->label = compile(pattern);
}

void CounterFilter::set_channel(const std::string& pattern) {
    patterns_->channel = compile(pattern);
}

void CounterFilter::add_to(CLI::App& command) {
    // As an error of the command line.
    const auto compiled = [](auto set) {
        return [set](const std::string& pattern) {
            try {
                set(pattern);
            } catch (const InvalidArgumentError& error) {
                throw CLI::ValidationError(error.what());
            }
        };
    };
    constexpr const char* group = "Which counters";
    command.add_option("--type", types, "Of this type id")->type_name("id")->group(group);
    command
        .add_option_function<std::string>("--label", compiled([this](const auto& text) { set_label(text); }),
                                          "Whose label has a match")
        ->type_name("regex")
        ->group(group);
    command.add_option("--stream", streams, "Of this stream")->type_name("id")->group(group);
    command.add_option("--session", sessions, "Of this session")->type_name("id")->group(group);
    command
        .add_option_function<std::string>("--channel", compiled([this](const auto& text) { set_channel(text); }),
                                          "Of channels that have a match")
        ->type_name("regex")
        ->group(group);
    command.add_option("--identity", identities, "System counters with this id, others with this registration id")
        ->type_name("id")
        ->group(group);
}

bool CounterFilter::matches(const CounterRow& counter) const {
    const std::int64_t identity = counter.type_id == counter_type::system ? counter.id : counter.registration_id;
    if (!is_among(types, counter.type_id) || !is_among(identities, identity)) {
        return false;
    }
    if (!streams.empty() || !sessions.empty()) {
        const auto stream = StreamCounterKey::decode(counter.type_id, counter.key);
        if (!stream || !is_among(streams, stream->stream_id) ||
            !is_among(sessions, static_cast<std::int32_t>(stream->session_id))) {
            return false;
        }
    }
    if (patterns_->label && !std::regex_search(counter.label, *patterns_->label)) {
        return false;
    }
    if (patterns_->channel) {
        const auto channel = channel_of(counter);
        return channel && std::regex_search(*channel, *patterns_->channel);
    }
    return true;
}

}  // namespace cpperon::tools
