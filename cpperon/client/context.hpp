/// The settings of a client. Public; a plain value, which may connect any number of clients. spec: 02 §10.1, 07 §D.1
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/environment.hpp"
#include "cpperon/base/error_handler.hpp"
#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/base/ids.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/client/publication_error.hpp"
#include "cpperon/shm/counters_reader.hpp"

namespace cpperon {

class Image;

/// Announces a publication that was added: before, while or after the waiting caller gets it.
using NewPublicationHandler = std::function<void(std::string_view channel, std::int32_t stream_id, SessionId session_id,
                                                 RegistrationId registration_id)>;
/// The same for a subscription.
using NewSubscriptionHandler =
    std::function<void(std::string_view channel, std::int32_t stream_id, RegistrationId registration_id)>;
/// Announces a counter of any client of the driver, heartbeat counters included (their registration id is the client's
/// id); no static ones, and none of those the driver keeps for itself and for streams. spec: 02 §10.12
using CounterHandler =
    std::function<void(const CountersReader& counters, RegistrationId registration_id, CounterId counter_id)>;
/// Tells a publisher that a subscriber rejected its image.
using PublicationErrorHandler = std::function<void(const PublicationError& error)>;
/// Announces an image that came or went.
using ImageHandler = std::function<void(const Image& image)>;
/// Told that a client has ended.
using CloseHandler = std::function<void()>;

/// What a client is to be. `Aeron::connect({.directory = "/dev/shm/aeron-me", .client_name = "pricer"})`.
///
/// An empty optional is filled from the environment variable it names, else with the default. A malformed variable is
/// told on stderr and ignored; one out of range is clamped. `Properties` makes such variables of files and arguments.
///
/// Handlers run on the conductor's thread (in invoker mode: on the thread inside `do_work`), one at a time, and must
/// not block for long. They may start asynchronous calls, close and drop handles; waiting calls fail there with
/// `reentrant_call`. What they throw goes to `on_error`. spec: 07 §E
struct Context {
    static constexpr std::string_view directory_variable = "AERON_DIR";
    static constexpr std::string_view driver_timeout_variable = "AERON_DRIVER_TIMEOUT";
    static constexpr std::string_view idle_sleep_duration_variable = "AERON_CLIENT_IDLE_SLEEP_DURATION";
    static constexpr std::string_view pre_touch_mapped_memory_variable = "AERON_CLIENT_PRE_TOUCH_MAPPED_MEMORY";
    static constexpr std::string_view client_name_variable = "AERON_CLIENT_NAME";

    static constexpr std::chrono::nanoseconds default_driver_timeout = std::chrono::seconds{10};
    static constexpr std::chrono::nanoseconds default_keepalive_interval = std::chrono::milliseconds{500};
    static constexpr std::chrono::nanoseconds default_idle_sleep_duration = std::chrono::milliseconds{16};
    static constexpr std::size_t max_directory_length = 4'095;
    static constexpr std::size_t max_client_name_length = 100;

    /// Where the driver's files are. `AERON_DIR`; default `/dev/shm/aeron-<user>`.
    std::optional<std::string> directory{};
    /// How long to wait for a driver when connecting and for its answer to each request, and how old its last sign of
    /// life may be. Above 0, to the millisecond. `AERON_DRIVER_TIMEOUT`, a plain number of ms; default 10 s.
    std::optional<std::chrono::nanoseconds> driver_timeout{};
    /// How often the client shows the driver that it lives, and checks that the driver does. Above 0 and below the
    /// driver's client liveness timeout (10 s). Default 500 ms.
    std::chrono::nanoseconds keepalive_interval = default_keepalive_interval;
    /// How long the idle conductor sleeps, unless there is `idle_strategy`, and how often it looks for time-outs; a
    /// request or a close wakes it. 0 to 1 s, and below the client liveness timeout.
    /// `AERON_CLIENT_IDLE_SLEEP_DURATION`; default 16 ms.
    std::optional<std::chrono::nanoseconds> idle_sleep_duration{};
    /// Fault all pages of a log in when it is mapped. `AERON_CLIENT_PRE_TOUCH_MAPPED_MEMORY`, or what Java calls it,
    /// `AERON_PRE_TOUCH_MAPPED_MEMORY`; default false.
    std::optional<bool> pre_touch_mapped_memory{};
    /// Shown in the label of the client's heartbeat counter; up to 100 bytes. `AERON_CLIENT_NAME`; default empty.
    std::optional<std::string> client_name{};

    /// No thread of the client's own: the application steps it with `Aeron::do_work`. Waiting calls step it themselves.
    bool invoker_mode = false;
    /// In invoker mode, called between the steps of a waiting call: `[&] { return driver.do_work(); }` for a driver
    /// that is stepped by the same thread. Its work count tells whether to pause.
    std::function<int()> driver_do_work{};
    /// Makes what the conductor's thread does between its duty cycles, see `idle_strategy_factory`; empty: sleep until
    /// woken, see `idle_sleep_duration`. With a strategy, a request waits for the strategy's pause to end.
    IdleStrategyFactory idle_strategy{};
    /// Called first on the conductor's thread with its role, `aeron-client`; in invoker mode on the connecting thread.
    std::function<void(std::string_view role_name)> on_start{};

    /// Each asynchronous error, among them those that end the client. Default: a line on stderr.
    ErrorHandler on_error{};
    PublicationErrorHandler on_publication_error{};
    NewPublicationHandler on_new_publication{};
    NewPublicationHandler on_new_exclusive_publication{};
    NewSubscriptionHandler on_new_subscription{};
    /// For subscriptions that are added without the handler of this name.
    ImageHandler on_available_image{};
    ImageHandler on_unavailable_image{};
    CounterHandler on_available_counter{};
    CounterHandler on_unavailable_counter{};
    /// Called when the client was closed, on the thread that closes it.
    CloseHandler on_close_client{};

    /// Outlive the client. Default: the system's.
    NanoClock* nano_clock = nullptr;
    EpochClock* epoch_clock = nullptr;
    /// Default: this process's environment.
    EnvironmentLookup environment{};

    /// The settings that this environment names, for a program that wants to look at them or change them; what it does
    /// not name stays empty. `connect` does this by itself.
    [[nodiscard]] static Context from_environment(EnvironmentLookup environment = process_environment());

    /// A copy in which every optional, clock and lookup is set. Fails with `invalid_argument`, naming the setting, its
    /// value and what is allowed. `connect` does this by itself.
    [[nodiscard]] Result<Context> concluded() const;
};

}  // namespace cpperon
