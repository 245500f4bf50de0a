/// Answers each client on a stream of its own, which no other client sees: the other end is the response client.
/// spec: 07 §H.2
///
/// The client has no thread of its own here (invoker mode): image handlers run inside `do_work`, on the thread that
/// polls, so that nothing needs a lock.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/reports.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::string request_channel = samples::default_request_channel;
    std::int32_t request_stream_id = samples::default_request_stream_id;
    std::string response_control_channel = samples::default_response_control_channel;
    std::int32_t response_stream_id = samples::default_response_stream_id;
};

/// One client: the image that brings its requests, and the publication that takes the answers to it.
class Session {
public:
    Session(cpperon::Image requests, cpperon::Pending<cpperon::ExclusivePublication> adding)
        : requests_(std::move(requests)), adding_(std::move(adding)) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    int do_work() {
        return adding_ ? await_answers() : requests_.controlled_poll(assembler_, samples::default_fragment_limit);
    }

private:
    /// The publication was asked for inside the image handler, which must not wait; it comes some duty cycles later.
    int await_answers() {
        auto added = adding_->poll();
        if (!added) {
            return 0;
        }
        adding_.reset();
        if (!*added) {
            // One client's trouble is not that of the others.
            fmt::print(stderr, "cannot answer client {}: {}\n", static_cast<std::int32_t>(requests_.session_id()),
                       added->error().message);
            requests_ = {};
            return 1;
        }
        answers_ = std::move(**added);
        samples::report_ready("Answers go", answers_);
        return 1;
    }

    /// A request whose answer is not taken yet stays in the stream, and is handed over again.
    [[nodiscard]] cpperon::ControlledAction answer(const std::span<const std::byte> request) const {
        return answers_.offer(request) ? cpperon::ControlledAction::continue_ : cpperon::ControlledAction::abort;
    }

    struct Answer {
        const Session& session;
        cpperon::ControlledAction operator()(const std::span<const std::byte> request, const cpperon::Header&) const {
            return session.answer(request);
        }
    };

    cpperon::Image requests_;
    std::optional<cpperon::Pending<cpperon::ExclusivePublication>> adding_;
    cpperon::ExclusivePublication answers_;
    cpperon::ControlledImageFragmentAssembler<Answer> assembler_{Answer{*this}};
};

void serve(const Options& options) {
    auto aeron = cpperon::Aeron::connect(
        {.directory = options.directory, .client_name = "response server", .invoker_mode = true});
    std::map<cpperon::RegistrationId, Session> sessions;  // by the id of the image

    const cpperon::ImageHandlers on_clients{
        .on_available =
            [&](const cpperon::Image& image) {
                const std::string channel =
                    cpperon::ChannelUriBuilder::from(options.response_control_channel)
                        .control_mode(cpperon::ControlMode::response)
                        .response_correlation_id(static_cast<std::int64_t>(image.correlation_id()))
                        .build();
                sessions.try_emplace(image.correlation_id(), image,
                                     aeron.async_add_exclusive_publication(channel, options.response_stream_id));
                fmt::print("client {} came from {}\n", static_cast<std::int32_t>(image.session_id()),
                           image.source_identity());
            },
        .on_unavailable =
            [&](const cpperon::Image& image) {
                sessions.erase(image.correlation_id());  // which closes its publication
                fmt::print("client {} went\n", static_cast<std::int32_t>(image.session_id()));
            }};
    const auto subscription = aeron.add_subscription(options.request_channel, options.request_stream_id, on_clients);
    samples::report_ready("Requests come", subscription);

    cpperon::BackoffIdleStrategy idle;
    while (samples::goes_on(aeron)) {
        int work_count = aeron.do_work();
        for (auto& [id, session] : sessions) {
            work_count += session.do_work();
        }
        idle.idle(work_count);
    }
    aeron.close();  // while what the handlers refer to is still there
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"response_server", "Sends each request back to the client it came from, until Ctrl-C."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.request_channel, "Channel of requests");
    command.stream_id("-s,--stream", options.request_stream_id, "Stream id of requests");
    command.channel("-d,--response-control", options.response_control_channel,
                    "Channel with this server's control address");
    command.stream_id("-r,--response-stream", options.response_stream_id, "Stream id of answers");
    return command.run(argc, argv, [&] { serve(options); });
}
