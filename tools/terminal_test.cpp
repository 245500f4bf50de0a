#include "tools/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::tools {
namespace {

using ::testing::ElementsAre;

TEST(Keys, AreLettersAndSequences) {
    EXPECT_THAT(decode_keys("sq"), ElementsAre(Key::sort, Key::quit));
    EXPECT_THAT(decode_keys("\x1b[A\x1b[6~\x1bOBt"), ElementsAre(Key::up, Key::page_down, Key::down, Key::streams));
    EXPECT_THAT(decode_keys("x\x1b[24;5~q"), ElementsAre(Key::other, Key::other)) << "an unknown sequence to its end";
}

}  // namespace
}  // namespace cpperon::tools
