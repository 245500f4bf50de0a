/// A program on a host: a client, which connects to the host's driver, connects again when either of them has died, and
/// is stepped by the world. Publishers and subscribers live in one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cpperon/cpperon.hpp"
#include "sim/world.hpp"

namespace cpperon::sim {

class Application final : public Actor {
public:
    Application(World& world, Host& host, std::string name, std::chrono::milliseconds driver_timeout);
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;
    ~Application() override;

    /// Connected: things can be added to the client.
    [[nodiscard]] bool is_ready() const noexcept { return !client_.is_closed(); }
    /// Counts the clients it had: what was made by an earlier one is dead.
    [[nodiscard]] int generation() const noexcept { return generation_; }
    [[nodiscard]] Aeron& client() noexcept { return client_; }
    [[nodiscard]] Host& host() const noexcept { return host_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Its client leaves, and the next one comes.
    void close();
    /// As an operating system kills it: its client says nothing more. What its parts have of it is to be buried first.
    void kill();
    /// Keeps what belonged to a dead client until all is over.
    void bury(std::shared_ptr<void> remains) { graveyard_.push_back(std::move(remains)); }
    /// No more clients.
    void retire();
    [[nodiscard]] bool is_retired() const noexcept { return is_retired_; }

    /// Clients may die: drivers or they themselves are killed.
    bool may_lose_client = false;

    int step() override;

private:
    [[nodiscard]] Context context();
    void on_error(const Error& error);

    World& world_;
    Host& host_;
    std::string name_;
    std::chrono::milliseconds driver_timeout_;
    bool is_retired_ = false;
    int generation_ = 0;
    Aeron client_;
    Pending<Aeron> connecting_;
    bool is_connecting_ = false;
    std::vector<std::shared_ptr<void>> graveyard_;
};

}  // namespace cpperon::sim
