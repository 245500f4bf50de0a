#include "cpperon/command/events.hpp"

#include <gtest/gtest.h>

#include "cpperon/command/codec.hpp"
#include "cpperon/command/message_test_support.hpp"

namespace cpperon::command {
namespace {

using test::Bytes;
using test::encoded;
using test::fields_of;
using test::from_hex;
using test::to_hex;

// The vectors of spec 02 §4.3.
constexpr std::string_view publication_ready_hex =
    "03000000 00000000 03000000 00000000 e2105176 e9030000 30000000 ffffffff 29000000 2f646576 2f73686d 2f616572 "
    "6f6e2d75 2f707562 6c696361 74696f6e 732f332e 6c6f6762 75666665 72";
constexpr std::string_view available_image_hex =
    "03000000 00000000 e2105176 e9030000 02000000 00000000 31000000 29000000 2f646576 2f73686d 2f616572 6f6e2d75 "
    "2f707562 6c696361 74696f6e 732f332e 6c6f6762 75666665 72000000 09000000 6165726f 6e3a6970 63";
constexpr std::string_view subscription_ready_hex = "02000000 00000000 ffffffff";
constexpr std::string_view unavailable_image_hex =
    "03000000 00000000 02000000 00000000 e9030000 09000000 6165726f 6e3a6970 63";
constexpr std::string_view error_hex = "10000000 00000000 03000000 13000000 756e6b6e 6f776e20 7075626c 69636174 696f6e";
constexpr std::string_view counter_ready_hex = "09000000 00000000 37000000";
constexpr std::string_view operation_success_hex = "0d000000 00000000";
constexpr std::string_view client_timeout_hex = "2e000000 00000000";
constexpr std::string_view next_available_session_id_hex = "14000000 00000000 e3105176";
constexpr std::string_view publication_error_hex =
    "03000000 00000000 ffffffff ffffffff e2105176 e9030000 ffffffff ffffffff ffffffff ffffffff 01000000 7f000001 "
    "00000000 00000000 00000000 0d000000 04000000 74657374";

constexpr std::string_view log_file_name = "/dev/shm/aeron-u/publications/3.logbuffer";

/// The message as listed and its bytes as listed, judged in both directions.
template <Message T>
void expect_vector(const T& message, const std::string_view hex) {
    SCOPED_TRACE(to_string(T::type));
    EXPECT_EQ(to_hex(encoded(message)), hex);
    EXPECT_EQ(fields_of(decode<T>(from_hex(hex))), fields_of(message));
}

template <typename Event>
Event publication_ready(const std::int64_t correlation_id) {
    return {.correlation_id = correlation_id,
            .registration_id = 3,
            .session_id = 0x765110e2,
            .stream_id = 1001,
            .position_limit_id = 48,
            .channel_status_id = -1,
            .log_file_name = log_file_name};
}

/// How the driver tells of an IPC subscriber that rejected. spec: 02 §4.2 notes
PublicationErrorEvent ipc_rejection(const std::string_view reason) {
    PublicationErrorEvent event{.registration_id = 3,
                                .session_id = 0x765110e2,
                                .stream_id = 1001,
                                .receiver_id = -1,
                                .address_type = AddressType::ipv4,
                                .message = reason};
    event.source_address[0] = std::byte{127};
    event.source_address[3] = std::byte{1};
    return event;
}

// spec: 02-C2
TEST(Events, AreEncodedAndDecodedAsListed) {
    expect_vector(publication_ready<PublicationReadyEvent>(3), publication_ready_hex);
    expect_vector(publication_ready<ExclusivePublicationReadyEvent>(3), publication_ready_hex);
    expect_vector(AvailableImageEvent{.correlation_id = 3,
                                      .session_id = 0x765110e2,
                                      .stream_id = 1001,
                                      .subscription_registration_id = 2,
                                      .subscriber_position_id = 49,
                                      .log_file_name = log_file_name,
                                      .source_identity = "aeron:ipc"},
                  available_image_hex);
    expect_vector(SubscriptionReadyEvent{.correlation_id = 2, .channel_status_id = -1}, subscription_ready_hex);
    expect_vector(
        UnavailableImageEvent{
            .correlation_id = 3, .subscription_registration_id = 2, .stream_id = 1001, .channel = "aeron:ipc"},
        unavailable_image_hex);
    expect_vector(
        ErrorEvent{
            .offending_correlation_id = 16, .code = ErrorCode::unknown_publication, .message = "unknown publication"},
        error_hex);
    expect_vector(CounterReadyEvent{.registration_id = 9, .counter_id = 55}, counter_ready_hex);
    expect_vector(UnavailableCounterEvent{.registration_id = 9, .counter_id = 55}, counter_ready_hex);
    expect_vector(StaticCounterEvent{.correlation_id = 9, .counter_id = 55}, counter_ready_hex);
    expect_vector(OperationSuccessEvent{.correlation_id = 13}, operation_success_hex);
    expect_vector(ClientTimeoutEvent{.client_id = 46}, client_timeout_hex);
    expect_vector(NextAvailableSessionIdEvent{.correlation_id = 20, .session_id = 0x765110e3},
                  next_available_session_id_hex);
    expect_vector(ipc_rejection("test"), publication_error_hex);
}

TEST(Events, HaveTheTypeIdsOfTheCatalogue) {
    EXPECT_EQ(type_id<ErrorEvent>, 0x0F01);
    EXPECT_EQ(type_id<AvailableImageEvent>, 0x0F02);
    EXPECT_EQ(type_id<PublicationReadyEvent>, 0x0F03);
    EXPECT_EQ(type_id<OperationSuccessEvent>, 0x0F04);
    EXPECT_EQ(type_id<UnavailableImageEvent>, 0x0F05);
    EXPECT_EQ(type_id<ExclusivePublicationReadyEvent>, 0x0F06);
    EXPECT_EQ(type_id<SubscriptionReadyEvent>, 0x0F07);
    EXPECT_EQ(type_id<CounterReadyEvent>, 0x0F08);
    EXPECT_EQ(type_id<UnavailableCounterEvent>, 0x0F09);
    EXPECT_EQ(type_id<ClientTimeoutEvent>, 0x0F0A);
    EXPECT_EQ(type_id<StaticCounterEvent>, 0x0F0B);
    EXPECT_EQ(type_id<PublicationErrorEvent>, 0x0F0C);
    EXPECT_EQ(type_id<NextAvailableSessionIdEvent>, 0x0F0D);
}

TEST(PublicationReady, OfASecondAddDiffersInTheCorrelationIdAlone) {
    Bytes expected = from_hex(publication_ready_hex);
    expected[0] = std::byte{4};

    EXPECT_EQ(encoded(publication_ready<PublicationReadyEvent>(4)), expected);
}

TEST(AvailableImage, IgnoresTheBytesBetweenNameAndIdentity) {
    Bytes bytes = from_hex(available_image_hex);
    bytes[73] = bytes[74] = bytes[75] = std::byte{0xA5};

    const auto event = decode<AvailableImageEvent>(bytes);

    ASSERT_TRUE(event);
    EXPECT_EQ(event->log_file_name, log_file_name);
    EXPECT_EQ(event->source_identity, "aeron:ipc");
}

TEST(PublicationError, WithAnEmptyReasonIs72Bytes) {
    EXPECT_EQ(encoded(ipc_rejection("")).size(), 72U);
    EXPECT_EQ(encoded(ipc_rejection("long reason")).size(), 79U);
}

TEST(PublicationError, IsAcceptedUnpadded) {
    Bytes bytes = encoded(ipc_rejection("x"));
    bytes.resize(69);

    EXPECT_EQ(decode<PublicationErrorEvent>(bytes)->message, "x");
}

TEST(ErrorEvent, CarriesCodesThisVersionHasNoNameFor) {
    const Bytes bytes = encoded(ErrorEvent{.code = ErrorCode{4711}});

    const auto event = decode<ErrorEvent>(bytes);

    ASSERT_TRUE(event);
    EXPECT_EQ(static_cast<std::int32_t>(event->code), 4711);
}

}  // namespace
}  // namespace cpperon::command
