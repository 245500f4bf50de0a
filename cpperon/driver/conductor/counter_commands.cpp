/// Commands about counters that applications ask for. spec: 02 §7.7
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/conductor/commands.hpp"

namespace cpperon::driver {

namespace {

/// Static counters belong to nobody and stay as long as the driver.
constexpr std::int64_t no_owner = -1;

}  // namespace

void handle(ConductorState& state, const command::AddCounterCommand& command) {
    Client& client = client_for(state, command.client_id);
    OwnedCounter counter = OwnedCounter::allocate(state.resources.counters, {.type_id = command.type_id,
                                                                             .key = command.key,
                                                                             .label = command.label,
                                                                             .registration_id = command.correlation_id,
                                                                             .owner_id = command.client_id});
    const std::int32_t counter_id = counter.id();
    client.counters.push_back({.registration_id = command.correlation_id, .counter = std::move(counter)});
    state.events.send(command::CounterReadyEvent{.registration_id = command.correlation_id, .counter_id = counter_id});
}

void handle(ConductorState& state, const command::AddStaticCounterCommand& command) {
    const CountersReader& reader = state.resources.counters.reader();
    std::optional<std::int32_t> counter_id = reader.find(command.type_id, command.registration_id);
    if (counter_id && reader.owner_id(*counter_id) != no_owner) {
        throw RegistrationError(
            ErrorCode::generic_error,
            fmt::format(
                "cannot add static counter: counter {} has type id {} and registration id {} and is not static; "
                "use another registration id",
                *counter_id, command.type_id, command.registration_id));
    }
    static_cast<void>(client_for(state, command.client_id));
    if (!counter_id) {
        counter_id = OwnedCounter::allocate(state.resources.counters, {.type_id = command.type_id,
                                                                       .key = command.key,
                                                                       .label = command.label,
                                                                       .registration_id = command.registration_id,
                                                                       .owner_id = no_owner})
                         .release();
    }
    state.events.send(command::StaticCounterEvent{.correlation_id = command.correlation_id, .counter_id = *counter_id});
}

void handle(ConductorState& state, const command::RemoveCounterCommand& command) {
    Client* const client = state.clients.find(command.client_id);
    const auto is_meant = [&](const UserCounter& counter) {
        return counter.registration_id == command.registration_id;
    };
    if (client == nullptr || std::none_of(client->counters.begin(), client->counters.end(), is_meant)) {
        throw RegistrationError(ErrorCode::unknown_counter,
                                fmt::format("unknown counter: client {} owns none with registration id {}",
                                            command.client_id, command.registration_id));
    }
    const auto counter = std::find_if(client->counters.begin(), client->counters.end(), is_meant);
    state.events.send_success(command.correlation_id);
    state.events.send(command::UnavailableCounterEvent{.registration_id = counter->registration_id,
                                                       .counter_id = counter->counter.id()});
    client->counters.erase(counter);
}

}  // namespace cpperon::driver
