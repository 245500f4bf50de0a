/// The idle strategies of a driver's agents: those of `base`, and one that an operator changes while the driver runs.
/// Each is used by the runner of one agent. spec: 06 §2.4
#pragma once

#include <memory>

#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/driver/system_counters.hpp"

namespace cpperon::driver {

/// Does after each cycle what system counter 22 says at that time: 1 nothing, 2 spin, 3 yield; anything else, as 0 for
/// not controlled and 4 for park, sleeps for a microsecond. Tools write the counter.
class ControllableIdleStrategy final : public IdleStrategy {
public:
    /// Both must outlive the object.
    explicit ControllableIdleStrategy(const SystemCounters& counters, Pause& pause = SystemPause::instance()) noexcept
        : counters_(counters), pause_(pause) {}
    void idle(int work_count) noexcept override;

private:
    const SystemCounters& counters_;
    Pause& pause_;
};

/// Throws `InvalidArgumentError` for a name that is none, and for arguments that the strategy cannot read.
void check_idle_strategy(const IdleSetting& setting);

/// Makes the strategy of a setting that was checked; `controllable`, and the name that the Java driver has for it,
/// reads `counters`, which must outlive it.
[[nodiscard]] std::unique_ptr<IdleStrategy> make_driver_idle_strategy(const IdleSetting& setting,
                                                                      const SystemCounters& counters);

}  // namespace cpperon::driver
