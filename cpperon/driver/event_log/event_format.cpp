#include "cpperon/driver/event_log/event_format.hpp"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cpperon/base/version.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/driver/event_log/event_details.hpp"
#include "cpperon/driver/event_log/event_record.hpp"
#include "cpperon/driver/event_log/frame_format.hpp"

namespace cpperon::driver {

namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;
constexpr std::int64_t ms_per_s = 1'000;

std::string_view name_of(const TetherState state) noexcept {
    switch (state) {
        case TetherState::active: return "ACTIVE";
        case TetherState::linger: return "LINGER";
        case TetherState::resting: return "RESTING";
        case TetherState::closed: return "CLOSED";
    }
    return "UNKNOWN";
}

std::string prefix(const std::int64_t now_ns) {
    return fmt::format("[{}.{:09}] ", now_ns / ns_per_s, now_ns % ns_per_s);
}

/// Texts come from clients and peers, who must not be able to make up lines.
void replace_control_characters(std::string& line) {
    for (char& character : line) {
        const auto code = static_cast<unsigned char>(character);
        if (code < 0x20 || code == 0x7f) {
            character = '?';
        }
    }
}

class DetailsPrinter {
public:
    explicit DetailsPrinter(std::string& line) noexcept : line_(line) {}

    template <typename T>
    void operator()(const std::string_view words, const T& value) {
        fmt::format_to(std::back_inserter(line_), "{}{}", words, value);
    }
    void operator()(const std::string_view words, const net::SocketAddress& address) {
        (*this)(words, address.to_string());
    }
    void operator()(const std::string_view words, const TetherState state) { (*this)(words, name_of(state)); }

private:
    std::string& line_;
};

template <typename Details>
void append_details(std::string& line, const std::span<const std::byte> bytes) {
    const auto details = decode_details<Details>(bytes);
    DetailsPrinter printer{line};
    Details::fields(details, printer);
}

// Commands and answers: the names of other drivers, in their order.

std::string describe(const command::AddPublicationCommand& m) {
    return fmt::format("streamId={} clientId={} correlationId={} channel={}", m.stream_id, m.client_id,
                       m.correlation_id, m.channel);
}

std::string describe(const command::AddExclusivePublicationCommand& m) {
    return fmt::format("streamId={} clientId={} correlationId={} channel={}", m.stream_id, m.client_id,
                       m.correlation_id, m.channel);
}

std::string describe(const command::RemovePublicationCommand& m) {
    return fmt::format("registrationId={} clientId={} correlationId={} revoke={}", m.registration_id, m.client_id,
                       m.correlation_id, m.is_revoke());
}

std::string describe(const command::AddSubscriptionCommand& m) {
    return fmt::format("streamId={} registrationCorrelationId={} clientId={} correlationId={} channel={}", m.stream_id,
                       m.registration_correlation_id, m.client_id, m.correlation_id, m.channel);
}

template <typename RemoveCommand>
std::string describe_remove(const RemoveCommand& m) {
    return fmt::format("registrationId={} clientId={} correlationId={}", m.registration_id, m.client_id,
                       m.correlation_id);
}

std::string describe(const command::RemoveSubscriptionCommand& m) {
    return describe_remove(m);
}

std::string describe(const command::RemoveCounterCommand& m) {
    return describe_remove(m);
}

template <typename DestinationCommand>
std::string describe_destination(const DestinationCommand& m) {
    return fmt::format("registrationCorrelationId={} clientId={} correlationId={} channel={}", m.registration_id,
                       m.client_id, m.correlation_id, m.channel);
}

std::string describe(const command::AddDestinationCommand& m) {
    return describe_destination(m);
}

std::string describe(const command::RemoveDestinationCommand& m) {
    return describe_destination(m);
}

std::string describe(const command::AddReceiveDestinationCommand& m) {
    return describe_destination(m);
}

std::string describe(const command::RemoveReceiveDestinationCommand& m) {
    return describe_destination(m);
}

std::string describe(const command::RemoveDestinationByIdCommand& m) {
    return fmt::format("resourceRegistrationId={} destinationRegistrationId={} clientId={} correlationId={}",
                       m.registration_id, m.destination_registration_id, m.client_id, m.correlation_id);
}

std::string describe(const command::AddCounterCommand& m) {
    return fmt::format("typeId={} keyBufferLength={} labelBufferLength={} clientId={} correlationId={} label={}",
                       m.type_id, m.key.size(), m.label.size(), m.client_id, m.correlation_id, m.label);
}

std::string describe(const command::ClientKeepaliveCommand& m) {
    return fmt::format("clientId={} correlationId={}", m.client_id, m.correlation_id);
}

std::string describe(const command::ClientCloseCommand& m) {
    return fmt::format("clientId={} correlationId={}", m.client_id, m.correlation_id);
}

std::string describe(const command::TerminateDriverCommand& m) {
    return fmt::format("clientId={} tokenBufferLength={}", m.client_id, m.token.size());
}

std::string describe(const command::RejectImageCommand& m) {
    return fmt::format("clientId={} correlationId={} imageCorrelationId={} position={} reason={}", m.client_id,
                       m.correlation_id, m.image_correlation_id, m.position, m.reason);
}

std::string describe(const command::ErrorEvent& m) {
    return fmt::format("offendingCommandCorrelationId={} errorCode={} message={}", m.offending_correlation_id,
                       cpperon::to_string(m.code), m.message);
}

std::string describe(const command::AvailableImageEvent& m) {
    return fmt::format(
        "sessionId={} streamId={} subscriberPositionId={} subscriptionRegistrationId={} correlationId={} "
        "sourceIdentity={} logFileName={}",
        m.session_id, m.stream_id, m.subscriber_position_id, m.subscription_registration_id, m.correlation_id,
        m.source_identity, m.log_file_name);
}

template <typename ReadyEvent>
std::string describe_ready(const ReadyEvent& m) {
    return fmt::format(
        "sessionId={} streamId={} publicationLimitCounterId={} channelStatusCounterId={} correlationId={} "
        "registrationId={} logFileName={}",
        m.session_id, m.stream_id, m.position_limit_id, m.channel_status_id, m.correlation_id, m.registration_id,
        m.log_file_name);
}

std::string describe(const command::PublicationReadyEvent& m) {
    return describe_ready(m);
}

std::string describe(const command::ExclusivePublicationReadyEvent& m) {
    return describe_ready(m);
}

std::string describe(const command::OperationSuccessEvent& m) {
    return fmt::format("correlationId={}", m.correlation_id);
}

std::string describe(const command::UnavailableImageEvent& m) {
    return fmt::format("streamId={} correlationId={} subscriptionRegistrationId={} channel={}", m.stream_id,
                       m.correlation_id, m.subscription_registration_id, m.channel);
}

std::string describe(const command::SubscriptionReadyEvent& m) {
    return fmt::format("correlationId={} channelStatusCounterId={}", m.correlation_id, m.channel_status_id);
}

std::string describe(const command::CounterReadyEvent& m) {
    return fmt::format("correlationId={} counterId={}", m.registration_id, m.counter_id);
}

std::string describe(const command::UnavailableCounterEvent& m) {
    return fmt::format("correlationId={} counterId={}", m.registration_id, m.counter_id);
}

std::string describe(const command::ClientTimeoutEvent& m) {
    return fmt::format("clientId={}", m.client_id);
}

template <command::Message Message>
void append_message(std::string& line, const std::span<const std::byte> payload) {
    const command::Decoded<Message> message = command::decode<Message>(payload);
    if (message) {
        line += describe(*message);
    } else {
        fmt::format_to(std::back_inserter(line), "malformed: it does not hold its {}", message.error().field);
    }
}

void append_frame(std::string& line, std::span<const std::byte> bytes) {
    const FrameSource source = take<FrameSource>(bytes);
    fmt::format_to(std::back_inserter(line), "address={} ", source.address.to_string());
    append_frame_fields(line, bytes);
}

using Append = void (*)(std::string& line, std::span<const std::byte> bytes);

/// What is printed of an event; null for those that this driver does not have.
Append printer_of(const EventId id) noexcept {
    using namespace command;  // NOLINT(google-build-using-namespace): all of them
    switch (id) {
        case EventId::frame_in:
        case EventId::frame_out: return append_frame;
        case EventId::cmd_in_add_publication: return append_message<AddPublicationCommand>;
        case EventId::cmd_in_remove_publication: return append_message<RemovePublicationCommand>;
        case EventId::cmd_in_add_subscription: return append_message<AddSubscriptionCommand>;
        case EventId::cmd_in_remove_subscription: return append_message<RemoveSubscriptionCommand>;
        case EventId::cmd_in_keepalive_client: return append_message<ClientKeepaliveCommand>;
        case EventId::cmd_in_add_destination: return append_message<AddDestinationCommand>;
        case EventId::cmd_in_remove_destination: return append_message<RemoveDestinationCommand>;
        case EventId::cmd_in_add_exclusive_publication: return append_message<AddExclusivePublicationCommand>;
        case EventId::cmd_in_add_counter: return append_message<AddCounterCommand>;
        case EventId::cmd_in_remove_counter: return append_message<RemoveCounterCommand>;
        case EventId::cmd_in_client_close: return append_message<ClientCloseCommand>;
        case EventId::cmd_in_add_rcv_destination: return append_message<AddReceiveDestinationCommand>;
        case EventId::cmd_in_remove_rcv_destination: return append_message<RemoveReceiveDestinationCommand>;
        case EventId::cmd_in_terminate_driver: return append_message<TerminateDriverCommand>;
        case EventId::cmd_in_remove_destination_by_id: return append_message<RemoveDestinationByIdCommand>;
        case EventId::cmd_in_reject_image: return append_message<RejectImageCommand>;
        case EventId::cmd_out_publication_ready: return append_message<PublicationReadyEvent>;
        case EventId::cmd_out_available_image: return append_message<AvailableImageEvent>;
        case EventId::cmd_out_on_operation_success: return append_message<OperationSuccessEvent>;
        case EventId::cmd_out_on_unavailable_image: return append_message<UnavailableImageEvent>;
        case EventId::cmd_out_exclusive_publication_ready: return append_message<ExclusivePublicationReadyEvent>;
        case EventId::cmd_out_error: return append_message<ErrorEvent>;
        case EventId::cmd_out_subscription_ready: return append_message<SubscriptionReadyEvent>;
        case EventId::cmd_out_counter_ready: return append_message<CounterReadyEvent>;
        case EventId::cmd_out_on_unavailable_counter: return append_message<UnavailableCounterEvent>;
        case EventId::cmd_out_on_client_timeout: return append_message<ClientTimeoutEvent>;
        case EventId::remove_publication_cleanup: return append_details<PublicationDetails>;
        case EventId::remove_subscription_cleanup: return append_details<SubscriptionDetails>;
        case EventId::remove_image_cleanup: return append_details<ImageDetails>;
        case EventId::send_channel_creation:
        case EventId::receive_channel_creation:
        case EventId::send_channel_close:
        case EventId::receive_channel_close: return append_details<ChannelDetails>;
        case EventId::untethered_subscription_state_change: return append_details<UntetheredDetails>;
        case EventId::name_resolution_neighbor_added:
        case EventId::name_resolution_neighbor_removed: return append_details<NeighborDetails>;
        case EventId::flow_control_receiver_added:
        case EventId::flow_control_receiver_removed: return append_details<ReceiverDetails>;
        case EventId::name_resolution_resolve: return append_details<ResolveDetails>;
        case EventId::name_resolution_lookup: return append_details<LookupDetails>;
        case EventId::nak_sent:
        case EventId::nak_received: return append_details<NakDetails>;
        case EventId::resend: return append_details<ResendDetails>;
        case EventId::publication_revoke:
        case EventId::publication_image_revoke: return append_details<RevokeDetails>;
        case EventId::generic_message:
        case EventId::name_resolution_host_name:
        case EventId::add_dynamic_dissector:
        case EventId::dynamic_dissector_event: break;
    }
    return nullptr;
}

bool is_frame(const EventId id) noexcept {
    return id == EventId::frame_in || id == EventId::frame_out;
}

}  // namespace

std::string format_event(const EventId id, std::span<const std::byte> record) {
    const EventRecordHeader header = take<EventRecordHeader>(record);
    const std::size_t captured = record.size() - (is_frame(id) ? std::min(sizeof(FrameSource), record.size()) : 0);
    std::string line = prefix(header.time_ns);
    fmt::format_to(std::back_inserter(line), "DRIVER: {} [{}/{}]: ", to_string(id), captured, header.length);
    if (const Append append = printer_of(id)) {
        append(line, record);
    }
    replace_control_characters(line);
    return line;
}

std::string format_start(const std::int64_t now_ns, const std::int64_t epoch_ms) {
    const std::time_t seconds = epoch_ms / ms_per_s;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return fmt::format(
        "{}log started {:%Y-%m-%d %H:%M:%S}.{:03}{:%z}, enabled loggers: {{DRIVER: version={} commit={}}}",
        prefix(now_ns), local, epoch_ms % ms_per_s, local, version_text, build_commit());
}

std::string format_dropped(const std::int64_t now_ns, const std::int64_t count) {
    return fmt::format("{}{} events were dropped: they came faster than they could be written", prefix(now_ns), count);
}

}  // namespace cpperon::driver
