#include "sim/stage.hpp"

#include <algorithm>
#include <utility>

#include "cpperon/wire/validate.hpp"

namespace cpperon::sim {

namespace {

constexpr std::uint64_t rounds_between_checks = 8;
constexpr std::uint64_t rounds_between_file_checks = 1'024;
constexpr std::size_t most_log_files = 300;

}  // namespace

Stage::Stage(const std::uint64_t seed, const bool is_verbose) : world(seed, is_verbose) {
    world.network.set_tap([this](const net::SentDatagram& datagram) {
        observe(datagram);
        return true;
    });
    world.after_round = [this] { check(); };
}

void Stage::add_hosts(const std::vector<HostPlan>& plans, const DriverContext& driver,
                      const DriverWatch::Rules& rules) {
    driver_ = driver;
    for (const HostPlan& plan : plans) {
        watches.push_back(
            std::make_unique<DriverWatch>(world.add_host(plan.name, plan.addresses), world.verdict, rules));
    }
    for (std::size_t host = 0; host < plans.size(); ++host) {
        start_driver(host);
    }
}

void Stage::start_driver(const std::size_t host) {
    DriverContext settings = driver_;
    if (settings.name_resolver_supplier == "driver") {
        settings.resolver_name = driver_name_of(world.hosts[host]->name());
        settings.resolver_interface = fmt::format("{}:{}", world.hosts[host]->address(), resolver_port);
    }
    world.hosts[host]->start_driver(std::move(settings));
    watches[host]->attach();
}

void Stage::kill_driver(const std::size_t host) {
    if (world.hosts[host]->has_driver()) {
        watches[host]->check_errors();
        watches[host]->detach();
        world.hosts[host]->kill_driver();
    }
}

void Stage::close_drivers() {
    for (std::size_t host = 0; host < world.hosts.size(); ++host) {
        watches[host]->check_errors();
        watches[host]->detach();
        world.hosts[host]->close_driver();
        if (const std::size_t sockets = world.hosts[host]->network().socket_count(); sockets != 0) {
            world.verdict.fail("{}: {} sockets are left", world.hosts[host]->name(), sockets);
        }
    }
}

std::vector<Holdings> Stage::holdings() const {
    std::vector<Holdings> all;
    for (const auto& watch : watches) {
        all.push_back(watch->holdings());
    }
    return all;
}

bool Stage::have_just(const std::vector<Holdings>& before, const bool with_clients) const {
    return std::ranges::equal(watches, before, [&](const auto& watch, const Holdings& holdings) {
        return watch->has_just(holdings, with_clients);
    });
}

std::string Stage::describe() const {
    std::string text;
    for (const auto& watch : watches) {
        text += watch->describe();
    }
    return text;
}

/// Nobody sends what nobody would believe.
void Stage::observe(const net::SentDatagram& datagram) {
    ++datagrams;
    world.fingerprint.add(static_cast<std::uint64_t>(world.now_ns()));
    world.fingerprint.add(datagram.source.port());
    world.fingerprint.add(datagram.destination.port());
    world.fingerprint.add(datagram.bytes);
    if (const wire::Fault fault = wire::check_datagram(datagram.bytes); fault != wire::Fault::none) {
        world.verdict.fail("{} sends a datagram of {} bytes to {} that is not valid: {}", datagram.from.name(),
                           datagram.bytes.size(), datagram.destination.to_string(), wire::to_string(fault));
    }
}

void Stage::check() {
    if (world.rounds() % rounds_between_checks == 0) {
        for (const auto& watch : watches) {
            watch->check();
        }
        if (compares_positions) {
            check_streams();
        }
    }
    if (world.rounds() % rounds_between_file_checks == 0) {
        for (const auto& watch : watches) {
            if (const std::size_t files = watch->count_log_files(); files > most_log_files) {
                world.verdict.fail("{} log files", files);
            }
        }
    }
}

void Stage::check_streams() {
    for (const auto& sender : watches) {
        for (const auto& [stream, sent] : sender->sent()) {
            for (const auto& receiver : watches) {
                const auto received = receiver->received().find(stream);
                if (received != receiver->received().end() && received->second > sent) {
                    world.verdict.fail("session {} was received up to {}, but sent up to {}", stream.session_id,
                                       received->second, sent);
                }
            }
        }
    }
}

}  // namespace cpperon::sim
