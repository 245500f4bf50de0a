#include "cpperon/command/commands.hpp"

#include <algorithm>
#include <string>

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

// The vectors of spec 02 §3.3.
constexpr std::string_view add_publication_hex =
    "01000000 00000000 03000000 00000000 e9030000 09000000 6165726f 6e3a6970 63";
constexpr std::string_view add_subscription_hex =
    "01000000 00000000 02000000 00000000 ffffffff ffffffff e9030000 09000000 6165726f 6e3a6970 63";
constexpr std::string_view remove_publication_hex =
    "01000000 00000000 11000000 00000000 05000000 00000000 01000000 00000000";
constexpr std::string_view remove_publication_old_hex = "01000000 00000000 0f000000 00000000 04000000 00000000";
constexpr std::string_view remove_subscription_hex = "01000000 00000000 12000000 00000000 08000000 00000000";
constexpr std::string_view remove_counter_hex = "01000000 00000000 0d000000 00000000 09000000 00000000";
constexpr std::string_view add_destination_hex =
    "01000000 00000000 19000000 00000000 18000000 00000000 22000000 6165726f 6e3a7564 703f656e 64706f69 6e743d6c "
    "6f63616c 686f7374 3a323433 3235";
constexpr std::string_view remove_destination_by_id_hex =
    "01000000 00000000 1e000000 00000000 18000000 00000000 19000000 00000000";
constexpr std::string_view add_counter_hex =
    "01000000 00000000 09000000 00000000 4d040000 05000000 11223344 55000000 08000000 6d79206c 6162656c";
constexpr std::string_view add_static_counter_hex =
    "01000000 00000000 0a000000 00000000 92100000 00000000 4e040000 00000000 0a000000 73746174 6963206f 6e65";
constexpr std::string_view reject_image_hex =
    "01000000 00000000 15000000 00000000 03000000 00000000 00000000 00000000 04000000 74657374";
constexpr std::string_view reject_image_of_c_client_hex =
    "00000000 00000000 00000000 00000000 03000000 00000000 00000000 00000000 04000000 74657374 00000000 00";
constexpr std::string_view get_next_available_session_id_hex = "01000000 00000000 14000000 00000000 e9030000";
constexpr std::string_view client_keepalive_hex = "01000000 00000000 00000000 00000000";
constexpr std::string_view client_close_hex = "01000000 00000000 ffffffff ffffffff";
constexpr std::string_view terminate_driver_hex = "31000000 00000000 32000000 00000000 05000000 68656c6c 6f";

/// The message as listed and its bytes as listed, judged in both directions.
template <Message T>
void expect_vector(const T& message, const std::string_view hex) {
    SCOPED_TRACE(to_string(T::type));
    EXPECT_EQ(to_hex(encoded(message)), hex);
    EXPECT_EQ(fields_of(decode<T>(from_hex(hex))), fields_of(message));
}

template <typename Command>
Command add_or_remove_destination() {
    return {
        .client_id = 1, .correlation_id = 25, .registration_id = 24, .channel = "aeron:udp?endpoint=localhost:24325"};
}

// spec: 02-C1
TEST(Commands, AreEncodedAndDecodedAsListed) {
    const Bytes key = from_hex("1122334455");
    const Bytes token = from_hex("68656c6c6f");

    expect_vector(AddPublicationCommand{.client_id = 1, .correlation_id = 3, .stream_id = 1001, .channel = "aeron:ipc"},
                  add_publication_hex);
    expect_vector(
        AddExclusivePublicationCommand{.client_id = 1, .correlation_id = 3, .stream_id = 1001, .channel = "aeron:ipc"},
        add_publication_hex);
    expect_vector(
        AddSubscriptionCommand{.client_id = 1, .correlation_id = 2, .stream_id = 1001, .channel = "aeron:ipc"},
        add_subscription_hex);
    expect_vector(
        RemovePublicationCommand{
            .client_id = 1, .correlation_id = 17, .registration_id = 5, .flags = RemovePublicationCommand::revoke_flag},
        remove_publication_hex);
    expect_vector(RemoveSubscriptionCommand{.client_id = 1, .correlation_id = 18, .registration_id = 8},
                  remove_subscription_hex);
    expect_vector(RemoveCounterCommand{.client_id = 1, .correlation_id = 13, .registration_id = 9}, remove_counter_hex);
    expect_vector(add_or_remove_destination<AddDestinationCommand>(), add_destination_hex);
    expect_vector(add_or_remove_destination<RemoveDestinationCommand>(), add_destination_hex);
    expect_vector(add_or_remove_destination<AddReceiveDestinationCommand>(), add_destination_hex);
    expect_vector(add_or_remove_destination<RemoveReceiveDestinationCommand>(), add_destination_hex);
    expect_vector(
        RemoveDestinationByIdCommand{
            .client_id = 1, .correlation_id = 30, .registration_id = 24, .destination_registration_id = 25},
        remove_destination_by_id_hex);
    expect_vector(
        AddCounterCommand{.client_id = 1, .correlation_id = 9, .type_id = 1101, .key = key, .label = "my label"},
        add_counter_hex);
    expect_vector(
        AddStaticCounterCommand{
            .client_id = 1, .correlation_id = 10, .registration_id = 4242, .type_id = 1102, .label = "static one"},
        add_static_counter_hex);
    expect_vector(
        RejectImageCommand{
            .client_id = 1, .correlation_id = 21, .image_correlation_id = 3, .position = 0, .reason = "test"},
        reject_image_hex);
    expect_vector(GetNextAvailableSessionIdCommand{.client_id = 1, .correlation_id = 20, .stream_id = 1001},
                  get_next_available_session_id_hex);
    expect_vector(ClientKeepaliveCommand{.client_id = 1, .correlation_id = 0}, client_keepalive_hex);
    expect_vector(ClientCloseCommand{.client_id = 1}, client_close_hex);
    expect_vector(TerminateDriverCommand{.client_id = 49, .correlation_id = 50, .token = token}, terminate_driver_hex);
}

TEST(Commands, HaveTheTypeIdsOfTheCatalogue) {
    EXPECT_EQ(type_id<AddPublicationCommand>, 0x01);
    EXPECT_EQ(type_id<RemovePublicationCommand>, 0x02);
    EXPECT_EQ(type_id<AddExclusivePublicationCommand>, 0x03);
    EXPECT_EQ(type_id<AddSubscriptionCommand>, 0x04);
    EXPECT_EQ(type_id<RemoveSubscriptionCommand>, 0x05);
    EXPECT_EQ(type_id<ClientKeepaliveCommand>, 0x06);
    EXPECT_EQ(type_id<AddDestinationCommand>, 0x07);
    EXPECT_EQ(type_id<RemoveDestinationCommand>, 0x08);
    EXPECT_EQ(type_id<AddCounterCommand>, 0x09);
    EXPECT_EQ(type_id<RemoveCounterCommand>, 0x0A);
    EXPECT_EQ(type_id<ClientCloseCommand>, 0x0B);
    EXPECT_EQ(type_id<AddReceiveDestinationCommand>, 0x0C);
    EXPECT_EQ(type_id<RemoveReceiveDestinationCommand>, 0x0D);
    EXPECT_EQ(type_id<TerminateDriverCommand>, 0x0E);
    EXPECT_EQ(type_id<AddStaticCounterCommand>, 0x0F);
    EXPECT_EQ(type_id<RejectImageCommand>, 0x10);
    EXPECT_EQ(type_id<RemoveDestinationByIdCommand>, 0x11);
    EXPECT_EQ(type_id<GetNextAvailableSessionIdCommand>, 0x12);
    EXPECT_EQ(control_protocol_version, 65'536);
}

// spec: 02-C3
TEST(AddCounter, PlacesTheLabelBehindThePaddedKey) {
    struct Case {
        std::size_t key_length;
        std::size_t label_offset;
    };
    for (const Case& c : {Case{0, 28}, Case{1, 32}, Case{4, 32}, Case{5, 36}, Case{112, 140}}) {
        SCOPED_TRACE(c.key_length);
        const Bytes key(c.key_length, std::byte{0x11});

        const Bytes bytes = encoded(AddCounterCommand{.key = key, .label = "L"});

        EXPECT_EQ(bytes.size(), c.label_offset + 1);
        EXPECT_EQ(bytes.at(c.label_offset), std::byte{'L'});
        EXPECT_EQ(bytes.at(c.label_offset - 4), std::byte{1});
        EXPECT_TRUE(std::all_of(bytes.begin() + 24 + static_cast<std::ptrdiff_t>(c.key_length),
                                bytes.begin() + static_cast<std::ptrdiff_t>(c.label_offset - 4),
                                [](const std::byte b) { return b == std::byte{0}; }));
        EXPECT_EQ(decode<AddCounterCommand>(bytes)->label, "L");
    }
}

TEST(AddCounter, WithTheLongestKeyAndLabelIs520Bytes) {
    const Bytes key(max_counter_key_length);
    const std::string label(max_counter_label_length, 'x');

    EXPECT_EQ(encoded_length(AddCounterCommand{.key = key, .label = label}), 520U);
}

TEST(RemovePublication, WithoutFlagsIsOfAnOlderClient) {
    const Bytes bytes = from_hex(remove_publication_old_hex);

    const auto command = decode<RemovePublicationCommand>(bytes);

    ASSERT_TRUE(command);
    EXPECT_EQ(command->correlation_id, 15);
    EXPECT_EQ(command->registration_id, 4);
    EXPECT_FALSE(command->is_revoke());
}

TEST(RemovePublication, WithAPartOfItsFlagsIsMalformed) {
    Bytes bytes = from_hex(remove_publication_hex);
    ASSERT_TRUE(decode<RemovePublicationCommand>(bytes)->is_revoke());
    for (std::size_t length = 31; length >= 25; --length) {
        bytes.resize(length);

        const auto command = decode<RemovePublicationCommand>(bytes);

        ASSERT_FALSE(command) << length;
        EXPECT_EQ(command.error().reason, DecodeError::Reason::too_short);
        EXPECT_EQ(command.error().field, "flags");
    }
}

TEST(RejectImage, IsPaddedTo40BytesForADriverThatDemandsThem) {
    const Bytes bytes = encoded(RejectImageCommand{.client_id = 1, .correlation_id = 2, .reason = "x"});

    EXPECT_EQ(bytes.size(), 40U);
    EXPECT_EQ(to_hex(std::span{bytes}.subspan(32)), "01000000 78000000");
}

TEST(RejectImage, IsAcceptedUnpadded) {
    Bytes bytes = encoded(RejectImageCommand{.image_correlation_id = 3, .reason = "x"});
    bytes.resize(37);

    EXPECT_EQ(decode<RejectImageCommand>(bytes)->reason, "x");
}

TEST(RejectImage, IsAcceptedAsACClientSendsIt) {
    const Bytes bytes = from_hex(reject_image_of_c_client_hex);

    const auto command = decode<RejectImageCommand>(bytes);

    ASSERT_TRUE(command);
    EXPECT_EQ(command->client_id, 0);
    EXPECT_EQ(command->correlation_id, 0);
    EXPECT_EQ(command->image_correlation_id, 3);
    EXPECT_EQ(command->reason, "test");
}

TEST(Commands, CarryTextsThatPointIntoTheBuffer) {
    const Bytes bytes = from_hex(add_publication_hex);

    const auto command = decode<AddPublicationCommand>(bytes);

    ASSERT_TRUE(command);
    EXPECT_EQ(static_cast<const void*>(command->channel.data()), bytes.data() + 24);
    EXPECT_EQ(command->channel.size(), 9U);
}

}  // namespace
}  // namespace cpperon::command
