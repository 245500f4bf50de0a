/// A line on stderr when a client, a publication, a subscription, an image or a counter comes to life and when the last
/// who held it has let go. Compiled in with the CMake option `CPPERON_EXTRA_LOGGING`; without it nothing is left of it.
/// Used by the client conductor and by whoever drops the last handle. spec: 07 §C
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace cpperon::client {

#if defined(CPPERON_EXTRA_LOGGING)

class CounterHandleState;
class ImageState;
class RunningClient;
class SubscriptionState;
template <typename AppenderType>
class PublicationStateOf;

/// Type, id and channel, as `publication 7 on 'aeron:ipc', stream 1001, session -4711`.
[[nodiscard]] std::string describe_life(const RunningClient& client);
template <typename AppenderType>
[[nodiscard]] std::string describe_life(const PublicationStateOf<AppenderType>& publication);
[[nodiscard]] std::string describe_life(const SubscriptionState& subscription);
[[nodiscard]] std::string describe_life(const ImageState& image);
[[nodiscard]] std::string describe_life(const CounterHandleState& counter);

/// `cpperon: created publication ...`. Any thread; lines do not mix.
void log_life(const char* what_happened, const std::string& whose) noexcept;

/// `std::make_shared`, with the two lines.
template <typename State, typename... Arguments>
[[nodiscard]] std::shared_ptr<State> make_logged(Arguments&&... arguments) {
    auto state = std::make_unique<State>(std::forward<Arguments>(arguments)...);
    std::string whose = describe_life(*state);
    log_life("created", whose);
    return std::shared_ptr<State>(state.release(), [whose = std::move(whose)](State* const ending) {
        delete ending;
        log_life("destroyed", whose);
    });
}

#else

template <typename State, typename... Arguments>
[[nodiscard]] std::shared_ptr<State> make_logged(Arguments&&... arguments) {
    return std::make_shared<State>(std::forward<Arguments>(arguments)...);
}

#endif

}  // namespace cpperon::client
