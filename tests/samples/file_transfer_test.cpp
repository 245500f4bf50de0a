/// The messages of the file samples, byte by byte. spec: 07 §H.4
#include "samples/file_transfer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/hex.hpp"

namespace samples {
namespace {

using cpperon::test::bytes_of;
using cpperon::test::from_hex;
using cpperon::test::text_of;
using cpperon::test::to_hex;

constexpr const char* start_vector = "00000000 01000000 07000000 00000000 05000000 00000000 05000000 612e6269 6e";
constexpr const char* chunk_vector = "00000000 02000000 07000000 00000000 03000000 00000000 02000000 00000000 6c6f";

// spec: 07-C80
TEST(FileTransfer, WritesTheStartOfAFileAsSpecified) {
    const FileStart start{.correlation_id = 7, .file_length = 5, .name = "a.bin"};
    std::vector<std::byte> message(encoded_length(start));

    encode(start, message);

    EXPECT_EQ(to_hex(message), start_vector);
}

// spec: 07-C80
TEST(FileTransfer, ReadsTheStartOfAFileAsSpecified) {
    const std::vector<std::byte> message = from_hex(start_vector);

    const auto decoded = decode_file_message(message);

    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(std::get<FileStart>(*decoded), (FileStart{.correlation_id = 7, .file_length = 5, .name = "a.bin"}));
}

// spec: 07-C80
TEST(FileTransfer, WritesTheHeaderOfAChunkAsSpecified) {
    std::vector<std::byte> message = from_hex(chunk_vector);
    std::fill_n(message.begin(), file_chunk_header_length, std::byte{0xFF});

    encode_header({.correlation_id = 7, .offset = 3, .bytes = bytes_of("lo")}, message);

    EXPECT_EQ(to_hex(message), chunk_vector);
}

// spec: 07-C80
TEST(FileTransfer, ReadsAChunkAsSpecified) {
    const std::vector<std::byte> message = from_hex(chunk_vector);

    const auto decoded = decode_file_message(message);

    ASSERT_TRUE(decoded) << decoded.error().message;
    const FileChunk& chunk = std::get<FileChunk>(*decoded);
    EXPECT_EQ(chunk.correlation_id, 7);
    EXPECT_EQ(chunk.offset, 3);
    EXPECT_EQ(text_of(chunk.bytes), "lo");
}

TEST(FileTransfer, SaysWhatIsWrongWithAMessage) {
    struct Case {
        const char* hex;
        const char* complaint;
    };
    const std::array cases{
        Case{"", "it has 0 bytes, at least 28 are expected"},
        Case{"00000000 01000000 07000000 00000000 05000000 00000000 050000", "it has 27 bytes"},
        Case{"01000000 01000000 07000000 00000000 05000000 00000000 00000000", "its version is 1, 0 is expected"},
        Case{"00000000 03000000 07000000 00000000 05000000 00000000 00000000 00000000", "its type is 3"},
        // A name longer than the message, of negative length; a file of negative length.
        Case{"00000000 01000000 07000000 00000000 05000000 00000000 06000000 612e6269 6e", "6 for the name"},
        Case{"00000000 01000000 07000000 00000000 05000000 00000000 ffffffff 612e6269 6e", "-1 for the name"},
        Case{"00000000 01000000 07000000 00000000 ffffffff ffffffff 05000000 612e6269 6e", "-1 for the file"},
        // A chunk whose header is cut; one longer than the message; negative offset and length.
        Case{"00000000 02000000 07000000 00000000 03000000 00000000 00000000", "its type is 2"},
        Case{"00000000 02000000 07000000 00000000 03000000 00000000 03000000 00000000 6c6f", "length 3"},
        Case{"00000000 02000000 07000000 00000000 ffffffff ffffffff 02000000 00000000 6c6f", "offset -1"},
        Case{"00000000 02000000 07000000 00000000 03000000 00000000 ffffffff ffffffff 6c6f", "length -1"},
    };
    for (const auto& [hex, complaint] : cases) {
        const std::vector<std::byte> message = from_hex(hex);

        const auto decoded = decode_file_message(message);

        ASSERT_FALSE(decoded) << hex;
        EXPECT_NE(decoded.error().message.find(complaint), std::string::npos) << decoded.error().message;
    }
}

}  // namespace
}  // namespace samples
