/// For programs that have a loop of their own and must not wait in it: no thread of the client, no call that waits, no
/// exception. Every request is polled until it is done, and errors come as values.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/reports.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::string channel = samples::default_channel;
    std::int32_t stream_id = samples::default_stream_id;
    std::int64_t messages = 10;
};

/// One duty cycle after the other, each of which returns at once.
class Publisher {
public:
    enum class State { connecting, adding, publishing, done, failed };

    explicit Publisher(const Options& options)
        : options_(options),
          connecting_(cpperon::Aeron::async_connect({.directory = options.directory, .invoker_mode = true})) {}

    [[nodiscard]] State state() const noexcept { return state_; }

    int do_work() {
        const int client_work = aeron_ ? aeron_->do_work() : 0;
        switch (state_) {
            case State::connecting: return client_work + connect();
            case State::adding: return client_work + add();
            case State::publishing: return client_work + publish();
            case State::done:
            case State::failed: return client_work;
        }
        return client_work;
    }

private:
    int connect() {
        auto connected = connecting_.poll();
        if (!connected) {
            return 0;  // not yet
        }
        if (!*connected) {
            return fail(connected->error());
        }
        aeron_ = std::move(**connected);
        adding_ = aeron_->async_add_publication(options_.channel, options_.stream_id);
        fmt::print("connected\n");
        state_ = State::adding;
        return 1;
    }

    int add() {
        auto added = adding_.poll();
        if (!added) {
            return 0;
        }
        if (!*added) {
            return fail(added->error());
        }
        publication_ = std::move(**added);
        samples::report_ready("Publishing", publication_);
        state_ = State::publishing;
        return 1;
    }

    int publish() {
        const cpperon::OfferResult result = publication_.offer(fmt::format("Hello World! {}", taken_ + 1));
        if (const auto news = tracker_.observe(result)) {
            fmt::print("the publication is {}\n", cpperon::to_string(*news));
        }
        if (!result) {
            return result.is_retryable() ? 0
                                         : fail({cpperon::ErrorCode::closed, std::string{samples::in_words(result)}});
        }
        ++taken_;
        fmt::print("message {}/{} was taken\n", taken_, options_.messages);
        if (taken_ == options_.messages) {
            state_ = State::done;
        }
        return 1;
    }

    int fail(const cpperon::ErrorInfo& error) {
        fmt::print(stderr, "non_blocking_publisher: error {} ({}): {}\n", static_cast<std::int32_t>(error.code),
                   cpperon::to_string(error.code), error.message);
        state_ = State::failed;
        return 1;
    }

    const Options& options_;
    State state_ = State::connecting;
    cpperon::Pending<cpperon::Aeron> connecting_;
    std::optional<cpperon::Aeron> aeron_;
    cpperon::Pending<cpperon::Publication> adding_;
    cpperon::Publication publication_;
    cpperon::StatusTracker tracker_;
    std::int64_t taken_ = 0;
};

/// The program's own loop. The exit status.
int run(const Options& options) {
    Publisher publisher{options};
    cpperon::BackoffIdleStrategy idle;
    std::int64_t cycles = 0;
    while (publisher.state() != Publisher::State::done && publisher.state() != Publisher::State::failed &&
           !samples::is_stop_requested()) {
        ++cycles;  // what else the program has to do
        idle.idle(publisher.do_work());
    }
    fmt::print("the loop went round {} times\n", cycles);
    return publisher.state() == Publisher::State::failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"non_blocking_publisher", "Publishes from a loop that never waits."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.channel, "Channel to publish on");
    command.stream_id("-s,--stream", options.stream_id);
    command.number("-m,--messages", options.messages, "How many to publish", 1, INT64_MAX);
    int status = 0;
    const int command_status = command.run(argc, argv, [&] { status = run(options); });
    return command_status != 0 ? command_status : status;
}
