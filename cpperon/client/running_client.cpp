#include "cpperon/client/running_client.hpp"

#include <utility>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/client/life_log.hpp"

namespace cpperon::client {

namespace {

/// The conductor's own way to pause: it knows who would wake it.
class ConductorPause final : public IdleStrategy {
public:
    explicit ConductorPause(std::shared_ptr<ClientConductor> conductor) noexcept : conductor_(std::move(conductor)) {}

    void idle(const int work_count) noexcept override {
        if (work_count > 0) {
            conductor_->reset_pause();
        } else {
            conductor_->pause();
        }
    }

private:
    std::shared_ptr<ClientConductor> conductor_;
};

/// spec: 02 §13.23, 07 §D.1
void check_against_liveness(const Context& context, const std::int64_t inter_service_timeout_ns) {
    const auto refuse_unless_below = [&](const char* const setting, const std::int64_t value_ns) {
        if (value_ns >= inter_service_timeout_ns) {
            throw InvalidArgumentError(
                fmt::format("{} is {}; it must be below the driver's client liveness timeout of {}, or the client "
                            "would be taken for dead",
                            setting, format_duration(value_ns), format_duration(inter_service_timeout_ns)));
        }
    };
    refuse_unless_below("keepalive_interval", context.keepalive_interval.count());
    refuse_unless_below("idle_sleep_duration", context.idle_sleep_duration->count());
}

[[noreturn]] void refuse_in_callback(const char* const call) {
    throw ReentrantCallError(fmt::format("a callback of the client must not call {}", call));
}

}  // namespace

Aeron RunningClient::start(Context context, shm::AttachedDriver driver) {
    check_against_liveness(context, driver.inter_service_timeout_ns);
    auto client = make_logged<RunningClient>(std::move(context), std::move(driver));
    client->conductor_->set_client(client);
    client->launch();
    return Aeron{std::move(client)};
}

RunningClient::RunningClient(Context context, shm::AttachedDriver driver)
    : conductor_(std::make_shared<ClientConductor>(std::move(context), std::move(driver))) {}

void RunningClient::launch() {
    const Context& settings = conductor_->context();
    if (settings.invoker_mode) {
        if (settings.on_start) {
            settings.on_start(conductor_->role_name());
        }
        return;
    }
    runner_.emplace(conductor_,
                    settings.idle_strategy ? settings.idle_strategy() : std::make_unique<ConductorPause>(conductor_),
                    settings.on_error, AgentThreadSettings{.on_start = settings.on_start});
    runner_->start();
}

RunningClient::~RunningClient() {
    if (runner_) {
        runner_->request_stop();
        conductor_->wake();
    } else {
        conductor_->close_stepped();
    }
}

void RunningClient::close() {
    if (conductor_->is_inside_callback()) {
        refuse_in_callback("Aeron::close; dropping the handle closes the client when the callback has returned");
    }
    if (runner_) {
        runner_->request_stop();
        conductor_->wake();
        runner_->close();
    } else {
        conductor_->close_stepped();
    }
}

int RunningClient::do_work() {
    if (runner_) {
        throw InvalidArgumentError(
            "do_work was called on a client that has a thread of its own: set Context::invoker_mode to step it");
    }
    if (conductor_->is_inside_callback()) {
        refuse_in_callback("Aeron::do_work");
    }
    return conductor_->step();
}

}  // namespace cpperon::client
