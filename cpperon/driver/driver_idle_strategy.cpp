#include "cpperon/driver/driver_idle_strategy.hpp"

namespace cpperon::driver {

namespace {

bool is_controllable(const IdleSetting& setting) {
    return setting.name == "controllable" || setting.name == "org.agrona.concurrent.ControllableIdleStrategy";
}

}  // namespace

void ControllableIdleStrategy::idle(const int work_count) noexcept {
    constexpr std::int64_t park_ns = 1'000;
    if (work_count > 0) {
        return;
    }
    switch (counters_.value(SystemCounter::controllable_idle_strategy)) {
        case 1: break;
        case 2: pause_.spin(); break;
        case 3: pause_.yield(); break;
        default: pause_.sleep(park_ns); break;
    }
}

void check_idle_strategy(const IdleSetting& setting) {
    if (!is_controllable(setting)) {
        static_cast<void>(make_idle_strategy(setting.name, setting.args));
    }
}

std::unique_ptr<IdleStrategy> make_driver_idle_strategy(const IdleSetting& setting, const SystemCounters& counters) {
    if (is_controllable(setting)) {
        return std::make_unique<ControllableIdleStrategy>(counters);
    }
    return make_idle_strategy(setting.name, setting.args);
}

}  // namespace cpperon::driver
