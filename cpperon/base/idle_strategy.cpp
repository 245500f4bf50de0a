#include "cpperon/base/idle_strategy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <sched.h>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/base/parse_value.hpp"

namespace cpperon {

namespace {

enum class Kind { sleeping, sleeping_ms, yielding, spinning, noop, backoff };

struct Name {
    std::string_view text;
    Kind kind;
};

// spec: 01 §10, columns C and Java
constexpr std::array<Name, 12> names{{
    {"sleeping", Kind::sleeping},
    {"sleep-ns", Kind::sleeping},
    {"aeron_idle_strategy_sleeping", Kind::sleeping},
    {"sleep-ms", Kind::sleeping_ms},
    {"yield", Kind::yielding},
    {"aeron_idle_strategy_yielding", Kind::yielding},
    {"spin", Kind::spinning},
    {"aeron_idle_strategy_busy_spinning", Kind::spinning},
    {"noop", Kind::noop},
    {"aeron_idle_strategy_noop", Kind::noop},
    {"backoff", Kind::backoff},
    {"aeron_idle_strategy_backoff", Kind::backoff},
}};

constexpr std::int64_t default_sleep_ns = 1;
constexpr std::size_t max_backoff_field_length = 16;

[[noreturn]] void refuse_backoff(const std::string_view arguments, const std::string_view field,
                                 const std::string_view why) {
    throw InvalidArgumentError(
        fmt::format("'{}' are no arguments of the backoff idle strategy: the {} {}; write "
                    "<max spins>-<max yields>-<min park>-<max park>, for example 10-20-1us-1ms",
                    arguments, field, why));
}

/// The four fields one after the other; a fifth is nobody's.
class BackoffFields {
public:
    explicit BackoffFields(const std::string_view arguments) noexcept : arguments_(arguments), rest_(arguments) {}

    [[nodiscard]] std::int64_t next_count(const std::string_view name) {
        const Field field = next(name);
        if (!field.unit.empty()) {
            refuse_backoff(arguments_, name, "is not a number");
        }
        return parse_decimal(field.text);
    }

    /// Without a unit in nanoseconds, but `ns` itself is not a unit here.
    [[nodiscard]] std::int64_t next_park_ns(const std::string_view name) {
        const Field field = next(name);
        if (!field.unit.empty() && field.unit != "us" && field.unit != "ms" && field.unit != "s") {
            refuse_backoff(arguments_, name, "has another unit than us, ms or s; without one it is in nanoseconds");
        }
        return parse_duration_ns(field.text);
    }

private:
    struct Field {
        std::string_view text;
        std::string_view unit;  // what follows the digits
    };

    [[nodiscard]] Field next(const std::string_view name) {
        const std::string_view text = rest_.substr(0, rest_.find('-'));
        rest_.remove_prefix(std::min(text.size() + 1, rest_.size()));
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits == 0) {
            refuse_backoff(arguments_, name, text.empty() ? "is missing" : "is not a number");
        }
        if (text.size() > max_backoff_field_length) {
            refuse_backoff(arguments_, name, "is longer than 16 characters");
        }
        return {.text = text, .unit = text.substr(digits)};
    }

    /// At most 16 digits, which fit.
    [[nodiscard]] static std::int64_t parse_decimal(const std::string_view digits) noexcept {
        std::int64_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    }

    std::string_view arguments_;
    std::string_view rest_;
};

}  // namespace

void SystemPause::spin() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

void SystemPause::yield() noexcept {
    ::sched_yield();
}

void SystemPause::sleep(const std::int64_t duration_ns) noexcept {
    timespec remaining{.tv_sec = duration_ns / 1'000'000'000, .tv_nsec = duration_ns % 1'000'000'000};
    // A signal ends the sleep early, which is as good as having slept: the caller looks again.
    ::nanosleep(&remaining, nullptr);
}

SystemPause& SystemPause::instance() noexcept {
    static SystemPause pause;
    return pause;
}

void BusySpinIdleStrategy::idle(const int work_count) noexcept {
    if (work_count <= 0) {
        pause_.spin();
    }
}

void YieldingIdleStrategy::idle(const int work_count) noexcept {
    if (work_count <= 0) {
        pause_.yield();
    }
}

void SleepingIdleStrategy::idle(const int work_count) noexcept {
    if (work_count <= 0) {
        pause_.sleep(duration_ns_);
    }
}

void BackoffIdleStrategy::idle(const int work_count) noexcept {
    if (work_count > 0) {
        reset();
        return;
    }
    // One row of the table in spec 01 §10.1 per case.
    switch (state_) {
        case State::not_idle:
            spins_ = 1;
            state_ = State::spinning;
            break;
        case State::spinning:
            pause_.spin();
            if (++spins_ > settings_.max_spins) {
                yields_ = 0;
                state_ = State::yielding;
            }
            break;
        case State::yielding:
            if (++yields_ > settings_.max_yields) {
                park_ns_ = settings_.min_park_ns;
                state_ = State::parking;
            } else {
                pause_.yield();
            }
            break;
        case State::parking:
            pause_.sleep(park_ns_);
            park_ns_ = park_ns_ > settings_.max_park_ns / 2 ? settings_.max_park_ns : 2 * park_ns_;
            break;
    }
}

void BackoffIdleStrategy::reset() noexcept {
    state_ = State::not_idle;
    spins_ = 0;
    yields_ = 0;
    park_ns_ = settings_.min_park_ns;
}

BackoffSettings parse_backoff_settings(const std::string_view arguments) {
    BackoffFields fields{arguments};
    BackoffSettings settings;
    settings.max_spins = fields.next_count("max spins");
    settings.max_yields = fields.next_count("max yields");
    settings.min_park_ns = fields.next_park_ns("min park");
    settings.max_park_ns = fields.next_park_ns("max park");
    return settings;
}

std::unique_ptr<IdleStrategy> make_idle_strategy(const std::string_view name, const std::string_view arguments,
                                                 Pause& pause) {
    const auto* const found =
        std::find_if(names.begin(), names.end(), [&](const Name& candidate) { return candidate.text == name; });
    if (found == names.end()) {
        throw InvalidArgumentError(
            fmt::format("'{}' is not an idle strategy; choose one of sleeping, sleep-ns, sleep-ms, yield, spin, noop, "
                        "backoff, or aeron_idle_strategy_ with sleeping, yielding, busy_spinning, noop, backoff",
                        name));
    }
    switch (found->kind) {
        case Kind::sleeping:
            return std::make_unique<SleepingIdleStrategy>(
                arguments.empty() ? default_sleep_ns : parse_duration_ns(arguments), pause);
        case Kind::sleeping_ms: return std::make_unique<SleepingIdleStrategy>(1'000'000, pause);
        case Kind::yielding: return std::make_unique<YieldingIdleStrategy>(pause);
        case Kind::spinning: return std::make_unique<BusySpinIdleStrategy>(pause);
        case Kind::backoff:
            return std::make_unique<BackoffIdleStrategy>(
                arguments.empty() ? BackoffSettings{} : parse_backoff_settings(arguments), pause);
        case Kind::noop: break;
    }
    return std::make_unique<NoOpIdleStrategy>();
}

std::string_view to_string(const IdleStrategyKind kind) noexcept {
    switch (kind) {
        case IdleStrategyKind::sleeping: return "sleeping";
        case IdleStrategyKind::yielding: return "yield";
        case IdleStrategyKind::busy_spin: return "spin";
        case IdleStrategyKind::no_op: return "noop";
        case IdleStrategyKind::backoff: return "backoff";
    }
    return "";
}

IdleStrategyFactory idle_strategy_factory(const IdleStrategyKind kind, const std::string_view arguments, Pause& pause) {
    std::string text{kind == IdleStrategyKind::sleeping && arguments.empty() ? "1ms" : arguments};
    static_cast<void>(make_idle_strategy(to_string(kind), text, pause));  // throws for bad arguments
    return [kind, text = std::move(text), &pause] { return make_idle_strategy(to_string(kind), text, pause); };
}

}  // namespace cpperon
