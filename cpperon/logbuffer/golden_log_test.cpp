/// Logs that a reference driver and client left behind: what we read in them, and that we write the same bytes.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/concurrent_appender.hpp"
#include "cpperon/logbuffer/exclusive_appender.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"
#include "cpperon/logbuffer/image_reader.hpp"
#include "cpperon/logbuffer/log_file.hpp"
#include "cpperon/logbuffer/tail.hpp"
#include "cpperon/logbuffer/test_log.hpp"
#include "cpperon/logbuffer/unblocker.hpp"

namespace cpperon::logbuffer {
namespace {

/// A copy of a golden log, unpacked into a directory of its own.
class GoldenLog {
public:
    explicit GoldenLog(const std::string& name) {
        std::string directory = "/tmp/cpperon-golden-XXXXXX";
        EXPECT_NE(::mkdtemp(directory.data()), nullptr);
        directory_ = directory;
        const std::string command =
            "gzip -dc '" + std::string{CPPERON_TEST_DATA} + "/" + name + ".logbuffer.gz' > '" + directory_ + "/log'";
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> unpacking{::popen(command.c_str(), "r"), &::pclose};
        EXPECT_NE(unpacking, nullptr);
    }
    GoldenLog(const GoldenLog&) = delete;
    GoldenLog& operator=(const GoldenLog&) = delete;
    ~GoldenLog() { std::filesystem::remove_all(directory_); }

    [[nodiscard]] LogFile open() const { return LogFile::open(directory_ + "/log"); }

private:
    std::string directory_;
};

std::vector<std::string> messages_of(const LogFile& log, std::int64_t& position) {
    std::vector<std::string> messages;
    ImageReader reader{log.view(), position, 0};
    ImageFragmentAssembler assembler{
        [&](const std::span<const std::byte> message, const Header&) { messages.push_back(text_of(message)); }};
    for (std::int64_t before = -1; before != position;) {
        before = position;
        reader.poll(assembler, 10);
    }
    return messages;
}

TEST(GoldenLog, OfAnIpcPublicationIsRead) {
    const LogFile log = GoldenLog{"publications-3"}.open();
    std::int64_t position = 0;

    const std::vector<std::string> messages = messages_of(log, position);

    EXPECT_EQ(messages, (std::vector<std::string>{"Hello", "", text_of(pattern(3'000))}));
    EXPECT_EQ(position, 3'360);
    EXPECT_EQ(producer_position(log.view()), 3'424);
    EXPECT_TRUE(unblock_log(log.view(), position)) << "the claim that was left open";
    EXPECT_EQ(messages_of(log, position), std::vector<std::string>{});
    EXPECT_EQ(position, 3'424);
}

TEST(GoldenLog, OfAnIpcPublicationIsWrittenAlike) {
    const LogFile golden = GoldenLog{"publications-3"}.open();
    TestLog log;
    ConcurrentAppender appender{log.view(), log.limit, log.params.session_id, log.params.stream_id};
    FrameClaim claim;

    const auto reserved = [](std::span<const std::byte>) { return std::int64_t{0x0102030405060708}; };
    EXPECT_EQ(appender.offer(bytes_of("Hello"), reserved).raw(), 64);
    EXPECT_EQ(appender.offer(std::span<const std::byte>{}).raw(), 96);
    EXPECT_EQ(appender.try_claim(100, claim).raw(), 256);
    std::memset(claim.payload().data(), 0x5a, 100);
    claim.abort();
    EXPECT_EQ(appender.offer(std::span<const std::byte>{pattern(3'000)}).raw(), 3'360);
    EXPECT_EQ(appender.try_claim(20, claim).raw(), 3'424);
    std::memcpy(claim.payload().data(), "claimed, uncommitted", 20);

    EXPECT_TRUE(std::equal(log.at(0, 0), log.at(3, 0), golden.view().terms()));
    EXPECT_EQ(hex(log.at(3, 0), 24), hex(golden.view().terms() + 3 * 65'536, 24)) << "the tails";
}

TEST(GoldenLog, OfAnExclusivePublicationIsWrittenAlike) {
    const LogFile golden = GoldenLog{"publications-4"}.open();
    LogParams params = vector_params();
    params.type = LogType::exclusive_publication;
    params.correlation_id = 4;
    params.session_id = 11;
    params.stream_id = 1003;
    params.initial_term_id = -1;
    params.start = StartPosition{1, 65'280};
    params.sparse = true;
    params.os_default_socket_send_buffer_length = 212'992;
    params.os_default_socket_receive_buffer_length = 212'992;
    params.linger_timeout_ns = 5'000'000'000;
    params.untethered_window_limit_timeout_ns = 5'000'000'000;
    params.untethered_linger_timeout_ns = 5'000'000'000;
    params.untethered_resting_timeout_ns = 10'000'000'000;
    TestLog log{params};
    ExclusiveAppender appender{log.view(), log.limit, 11, 1003};

    std::vector<std::int64_t> results;
    for (int i = 0; i < 4; ++i) {
        std::string text = "exclusive " + std::to_string(i) + " ";
        text.resize(100, '.');
        results.push_back(appender.offer(bytes_of(text)).raw());
    }

    EXPECT_EQ(results, (std::vector<std::int64_t>{196'512, -3, 196'768, 196'928}));
    EXPECT_TRUE(std::equal(log.bytes().begin(), log.bytes().end(), golden.view().terms()))
        << "terms and metadata, byte for byte";
}

TEST(GoldenLog, OfAnImageHoldsWhatItsPublicationSent) {
    const LogFile publication = GoldenLog{"publications-7"}.open();
    const LogFile image = GoldenLog{"images-8"}.open();
    std::int64_t position = 0;

    const std::vector<std::string> messages = messages_of(image, position);

    ASSERT_EQ(messages.size(), 6U);
    EXPECT_EQ(messages[4], "udp message 4");
    EXPECT_EQ(messages[5], text_of(pattern(3'000)));
    EXPECT_EQ(position, 3'424);
    EXPECT_EQ(producer_position(publication.view()), 3'424);
    EXPECT_TRUE(std::equal(image.view().terms(), image.view().terms() + 3 * 65'536, publication.view().terms()));
    EXPECT_EQ(image.metadata().type, static_cast<std::uint8_t>(LogType::image));
    EXPECT_EQ(image.metadata().active_transport_count, 1);
    EXPECT_EQ(image.metadata().receiver_window_length, 131'072);
}

}  // namespace
}  // namespace cpperon::logbuffer
