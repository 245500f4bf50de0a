#include "sim/application.hpp"

#include <utility>

namespace cpperon::sim {

Application::Application(World& world, Host& host, std::string name, const std::chrono::milliseconds driver_timeout)
    : world_(world), host_(host), name_(std::move(name)), driver_timeout_(driver_timeout) {
    world.add_actor(*this);
}

Application::~Application() {
    world_.remove_actor(*this);
}

int Application::step() {
    if (is_retired_) {
        return 0;
    }
    if (!client_.is_closed()) {
        return client_.do_work();
    }
    if (!is_connecting_) {
        connecting_ = Aeron::async_connect(context());
        is_connecting_ = true;
        return 1;
    }
    std::optional<Result<Aeron>> connected = connecting_.poll();
    if (!connected) {
        return 0;
    }
    is_connecting_ = false;
    if (*connected) {
        client_ = std::move(*connected).value();
        ++generation_;
        world_.verdict.note("{}: connected", name_);
    } else if (!may_lose_client) {
        world_.verdict.fail("{} cannot connect: {}", name_, connected->error().message);
    }
    return 1;
}

void Application::close() {
    world_.verdict.note("{}: closed", name_);
    ++generation_;
    is_connecting_ = false;
    connecting_.cancel();
    if (!client_.is_closed()) {
        client_.close();
    }
}

void Application::kill() {
    world_.verdict.note("{}: killed", name_);
    ++generation_;
    is_connecting_ = false;
    connecting_.cancel();
    if (!client_.is_closed()) {
        bury(std::make_shared<Aeron>(std::exchange(client_, Aeron{})));
    }
}

void Application::retire() {
    is_retired_ = true;
    connecting_.cancel();
    if (!client_.is_closed()) {
        client_.close();
    }
}

Context Application::context() {
    return {.directory = host_.directory(),
            .driver_timeout = driver_timeout_,
            .client_name = name_,
            .invoker_mode = true,
            .on_error = [this](const Error& error) { on_error(error); },
            .nano_clock = &world_.clock,
            .epoch_clock = &world_.clock};
}

void Application::on_error(const Error& error) {
    world_.verdict.note("{}: {}", name_, error.what());
    if (!may_lose_client) {
        world_.verdict.fail("{}: unexpected error: {}", name_, error.what());
    }
}

}  // namespace cpperon::sim
