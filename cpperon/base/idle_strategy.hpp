/// What a thread does between duty cycles: nothing, spin, yield, sleep, or all of these in turn. Used by every agent's
/// runner and by applications that poll. spec: 01 §10
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace cpperon {

/// The ways to let time pass. From outside, so that tests see the calls and simulations move their clock.
class Pause {
public:
    virtual ~Pause() = default;
    virtual void spin() noexcept = 0;   ///< tells the processor that this is a waiting loop
    virtual void yield() noexcept = 0;  ///< lets another thread run
    /// At least for so long.
    virtual void sleep(std::int64_t duration_ns) noexcept = 0;
};

/// Pauses the calling thread for real. Any thread.
class SystemPause final : public Pause {
public:
    void spin() noexcept override;
    void yield() noexcept override;
    /// As `Pause` says.
    void sleep(std::int64_t duration_ns) noexcept override;
    /// The one that is used where none is given.
    [[nodiscard]] static SystemPause& instance() noexcept;
};

/// Called after each duty cycle. One thread at a time.
class IdleStrategy {
public:
    virtual ~IdleStrategy() = default;

    /// Returns at once if the cycle did something (`work_count` > 0), otherwise pauses.
    virtual void idle(int work_count) noexcept = 0;

    /// For a loop that starts to wait: forgets how long it was idle before.
    virtual void reset() noexcept {}
};

/// Does nothing: for a thread with a processor of its own.
class NoOpIdleStrategy final : public IdleStrategy {
public:
    void idle(int /*work_count*/) noexcept override {}
};

/// Spins, and tells the processor so.
class BusySpinIdleStrategy final : public IdleStrategy {
public:
    explicit BusySpinIdleStrategy(Pause& pause = SystemPause::instance()) noexcept : pause_(pause) {}
    void idle(int work_count) noexcept override;

private:
    Pause& pause_;
};

/// Lets another thread run.
class YieldingIdleStrategy final : public IdleStrategy {
public:
    explicit YieldingIdleStrategy(Pause& pause = SystemPause::instance()) noexcept : pause_(pause) {}
    void idle(int work_count) noexcept override;

private:
    Pause& pause_;
};

/// Sleeps for always the same time.
class SleepingIdleStrategy final : public IdleStrategy {
public:
    explicit SleepingIdleStrategy(std::int64_t duration_ns, Pause& pause = SystemPause::instance()) noexcept
        : duration_ns_(duration_ns), pause_(pause) {}
    void idle(int work_count) noexcept override;

private:
    std::int64_t duration_ns_;
    Pause& pause_;
};

/// The defaults are the specification's. spec: 01 §10.1
struct BackoffSettings {
    std::int64_t max_spins = 10;
    std::int64_t max_yields = 20;
    std::int64_t min_park_ns = 1'000;
    std::int64_t max_park_ns = 1'000'000;

    friend bool operator==(const BackoffSettings&, const BackoffSettings&) = default;
};

/// Spins, then yields, then sleeps for longer and longer; starts over when there was work. spec: 01 §10.1
class BackoffIdleStrategy final : public IdleStrategy {
public:
    explicit BackoffIdleStrategy(const BackoffSettings& settings = {}, Pause& pause = SystemPause::instance()) noexcept
        : settings_(settings), pause_(pause) {}
    void idle(int work_count) noexcept override;
    void reset() noexcept override;

private:
    enum class State { not_idle, spinning, yielding, parking };

    BackoffSettings settings_;
    Pause& pause_;
    State state_ = State::not_idle;
    std::int64_t spins_ = 0;
    std::int64_t yields_ = 0;
    std::int64_t park_ns_ = 0;
};

/// Reads `<max spins>-<max yields>-<min park>-<max park>`, for example `10-20-1us-1ms`; a park without unit is in
/// nanoseconds. Throws `InvalidArgumentError`. spec: 01 §10.2
[[nodiscard]] BackoffSettings parse_backoff_settings(std::string_view arguments);

/// Makes the strategy a setting names: `sleeping`, `sleep-ns`, `sleep-ms`, `yield`, `spin`, `noop`, `backoff`, and the
/// reference's symbol names for them (`aeron_idle_strategy_backoff`). `arguments` are a duration for `sleeping` and
/// `sleep-ns` (default 1 ns), those of `parse_backoff_settings` for `backoff` (default: its defaults), and ignored
/// otherwise. Throws `InvalidArgumentError` for another name or bad arguments. spec: 01 §10, §10.2
[[nodiscard]] std::unique_ptr<IdleStrategy> make_idle_strategy(std::string_view name, std::string_view arguments = {},
                                                               Pause& pause = SystemPause::instance());

/// The strategies, for settings that are made in code. spec: 07 §A.9
enum class IdleStrategyKind : std::uint8_t { sleeping, yielding, busy_spin, no_op, backoff };

/// The name by which `make_idle_strategy` knows the kind.
[[nodiscard]] std::string_view to_string(IdleStrategyKind kind) noexcept;

/// Makes a new strategy with each call, for as many agents as there are.
using IdleStrategyFactory = std::function<std::unique_ptr<IdleStrategy>()>;

/// `Context{.idle_strategy = idle_strategy_factory(IdleStrategyKind::backoff)}`. `arguments` as for
/// `make_idle_strategy`, but that `sleeping` sleeps for 1 ms where there are none. Throws `InvalidArgumentError` at
/// once for bad ones.
[[nodiscard]] IdleStrategyFactory idle_strategy_factory(IdleStrategyKind kind, std::string_view arguments = {},
                                                        Pause& pause = SystemPause::instance());

}  // namespace cpperon
