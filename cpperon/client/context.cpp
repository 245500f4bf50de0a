#include "cpperon/client/context.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/shm/directory.hpp"

namespace cpperon {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds max_idle_sleep_duration = seconds{1};

void warn_ignored(const std::string_view name, const std::string& value, const std::string& reason) {
    fmt::print(stderr, "cpperon: {}={} is ignored: {}\n", name, value, reason);
}

/// `AERON_DRIVER_TIMEOUT` has no unit: it is in milliseconds. spec: 07 §D.1
std::optional<nanoseconds> driver_timeout_from(const EnvironmentLookup& environment) {
    constexpr std::string_view name = Context::driver_timeout_variable;
    const std::optional<std::string> text = environment(name);
    if (!text) {
        return std::nullopt;
    }
    const Result<std::int64_t> timeout_ms = try_parse_int64(*text);
    if (!timeout_ms || *timeout_ms < 0) {
        warn_ignored(name, *text, timeout_ms ? "it must not be negative" : timeout_ms.error().message);
        return std::nullopt;
    }
    constexpr std::int64_t max_ms = nanoseconds::max().count() / 1'000'000;
    return milliseconds{std::clamp<std::int64_t>(*timeout_ms, 1, max_ms)};
}

std::optional<nanoseconds> idle_sleep_duration_from(const EnvironmentLookup& environment) {
    constexpr std::string_view name = Context::idle_sleep_duration_variable;
    const std::optional<std::string> text = environment(name);
    if (!text) {
        return std::nullopt;
    }
    const Result<std::int64_t> duration_ns = try_parse_duration_ns(*text);
    if (!duration_ns) {
        warn_ignored(name, *text, duration_ns.error().message);
        return std::nullopt;
    }
    return std::min(nanoseconds{*duration_ns}, max_idle_sleep_duration);
}

/// Booleans are told by how the text begins. spec: 07 §D.1
std::optional<bool> flag_from(const EnvironmentLookup& environment, const std::string_view name) {
    const std::optional<std::string> text = environment(name);
    if (!text) {
        return std::nullopt;
    }
    const auto begins_with_any = [&](const std::initializer_list<std::string_view> prefixes) {
        return std::any_of(prefixes.begin(), prefixes.end(),
                           [&](const std::string_view prefix) { return text->starts_with(prefix); });
    };
    if (begins_with_any({"1", "on", "true"})) {
        return true;
    }
    if (begins_with_any({"0", "off", "false"})) {
        return false;
    }
    warn_ignored(name, *text, "'true' or 'false' is expected");
    return std::nullopt;
}

ErrorInfo refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

std::optional<ErrorInfo> validate(const Context& context) {
    if (context.directory->empty() || context.directory->size() > Context::max_directory_length) {
        return refusal(
            fmt::format("the directory has {} characters; 1 to {} are allowed: set Context::directory or "
                        "AERON_DIR to the driver's directory",
                        context.directory->size(), Context::max_directory_length));
    }
    if (*context.driver_timeout < milliseconds{1}) {
        return refusal(
            fmt::format("driver_timeout is {} ns; at least 1 ms is expected", context.driver_timeout->count()));
    }
    if (context.keepalive_interval <= nanoseconds::zero()) {
        return refusal(
            fmt::format("keepalive_interval is {} ns; it must be above 0", context.keepalive_interval.count()));
    }
    if (*context.idle_sleep_duration < nanoseconds::zero() || *context.idle_sleep_duration > max_idle_sleep_duration) {
        return refusal(
            fmt::format("idle_sleep_duration is {} ns; 0 to 1 s is allowed", context.idle_sleep_duration->count()));
    }
    if (context.client_name->size() > Context::max_client_name_length) {
        return refusal(fmt::format("client_name has {} characters; at most {} are allowed", context.client_name->size(),
                                   Context::max_client_name_length));
    }
    if (context.driver_do_work && !context.invoker_mode) {
        return refusal(
            "driver_do_work is set without invoker_mode: a client with a thread steps nobody; set both or "
            "give the driver a thread");
    }
    if (context.idle_strategy && context.invoker_mode) {
        return refusal("idle_strategy is set with invoker_mode: there is no conductor's thread to idle");
    }
    return std::nullopt;
}

}  // namespace

Context Context::from_environment(EnvironmentLookup environment) {
    Context context{.driver_timeout = driver_timeout_from(environment),
                    .idle_sleep_duration = idle_sleep_duration_from(environment),
                    .pre_touch_mapped_memory = flag_from(environment, pre_touch_mapped_memory_variable),
                    .client_name = environment(client_name_variable)};
    if (std::optional<std::string> directory = environment(directory_variable); directory && !directory->empty()) {
        context.directory = std::move(directory);
    }
    if (!context.pre_touch_mapped_memory) {
        context.pre_touch_mapped_memory = flag_from(environment, "AERON_PRE_TOUCH_MAPPED_MEMORY");
    }
    context.environment = std::move(environment);
    return context;
}

Result<Context> Context::concluded() const {
    Context context = *this;
    if (!context.environment) {
        context.environment = process_environment();
    }
    Context named = from_environment(context.environment);
    const auto fill = [](auto& setting, auto& from_outside, auto otherwise) {
        if (!setting) {
            setting = std::move(from_outside).value_or(std::move(otherwise));
        }
    };
    if (!context.directory) {
        shm::UserEnvironment user = shm::UserEnvironment::of_process();
        user.variable = [&](const char* const name) { return context.environment(name); };
        context.directory = shm::configured_directory(user);
    }
    fill(context.driver_timeout, named.driver_timeout, default_driver_timeout);
    fill(context.idle_sleep_duration, named.idle_sleep_duration, default_idle_sleep_duration);
    fill(context.pre_touch_mapped_memory, named.pre_touch_mapped_memory, false);
    fill(context.client_name, named.client_name, std::string{});
    if (context.nano_clock == nullptr) {
        context.nano_clock = &SystemNanoClock::instance();
    }
    if (context.epoch_clock == nullptr) {
        context.epoch_clock = &SystemEpochClock::instance();
    }
    if (std::optional<ErrorInfo> error = validate(context)) {
        return std::move(*error);
    }
    return context;
}

}  // namespace cpperon
