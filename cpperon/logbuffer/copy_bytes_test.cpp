#include "cpperon/logbuffer/copy_bytes.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

TEST(CopyBytes, WritesExactlyWhatItIsTold) {
    for (std::size_t length = 0; length <= 130; ++length) {
        const std::vector<std::byte> from = pattern(length);
        std::vector<std::byte> to(length + 2, std::byte{0xEE});

        copy_bytes(to.data() + 1, from.data(), length);

        EXPECT_EQ(to.front(), std::byte{0xEE}) << length;
        EXPECT_EQ(to.back(), std::byte{0xEE}) << length;
        EXPECT_EQ(hex(to.data() + 1, length), hex(from.data(), length)) << length;
    }
}

}  // namespace
}  // namespace cpperon::logbuffer
