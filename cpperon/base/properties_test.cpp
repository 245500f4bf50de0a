#include "cpperon/base/properties.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"

namespace cpperon {
namespace {

using testing::HasSubstr;

struct PropertiesFixture : testing::Test {
    Properties properties;

    std::optional<std::string> variable(const std::string_view name) const {
        const EnvironmentLookup environment = [](const std::string_view asked) -> std::optional<std::string> {
            return asked == "AERON_DIR" ? std::optional<std::string>{"/environment"} : std::nullopt;
        };
        return properties.over(environment)(name);
    }

    std::string refusal_of(const std::string_view text) {
        try {
            properties.load_text(text, "x.properties");
        } catch (const InvalidArgumentError& error) {
            return error.what();
        }
        return "accepted";
    }
};
using PropertiesTest = PropertiesFixture;

// spec: 06 §26.5
TEST_F(PropertiesTest, DropBlanksAroundTheNameAndBeforeTheValueOnly) {
    properties.load_text("  aeron.dir = /tmp/x \n", "text");

    EXPECT_EQ(variable("AERON_DIR"), "/tmp/x ");
}

// spec: 06-C18
TEST_F(PropertiesTest, AreSeparatedByTheFirstEqualsSignOrColon) {
    properties.load_text("aeron.mtu.length:8k\naeron.name=a=b:c\n", "text");

    EXPECT_EQ(variable("AERON_MTU_LENGTH"), "8k");
    EXPECT_EQ(variable("AERON_NAME"), "a=b:c");
}

// spec: 06-C18
TEST_F(PropertiesTest, SkipCommentsAndBlankLines) {
    properties.load_text("# one\n! two\n\n   # three\naeron.a=1 # part of it\n", "text");

    EXPECT_EQ(variable("AERON_A"), "1 # part of it");
}

// spec: 06-C18
TEST_F(PropertiesTest, ContinueAfterABackslashWithTheNextLineThatIsNoComment) {
    properties.load_text("aeron.list=one,\\\n# not this\n   two,\\\n\tthree\naeron.b=2\n", "text");

    EXPECT_EQ(variable("AERON_LIST"), "one,two,three");
    EXPECT_EQ(variable("AERON_B"), "2");
}

// spec: 06-C18
TEST_F(PropertiesTest, EndTheirLinesWithOrWithoutACarriageReturn) {
    properties.load_text("aeron.a=1\r\naeron.b=2\\\r\n3\r\n\r\n", "text");

    EXPECT_EQ(variable("AERON_A"), "1");
    EXPECT_EQ(variable("AERON_B"), "23");
}

// spec: 06-C18
TEST_F(PropertiesTest, AreRefusedWithoutANewlineAtTheEnd) {
    EXPECT_EQ(refusal_of("aeron.a=1\naeron.b=2"), "x.properties:2: the last line does not end with a newline: add one");
}

// spec: 06-C18
TEST_F(PropertiesTest, UnsetAVariableWithAnEmptyValue) {
    EXPECT_EQ(variable("AERON_DIR"), "/environment");

    properties.load_text("aeron.dir=\n", "text");

    EXPECT_EQ(variable("AERON_DIR"), std::nullopt);
}

TEST_F(PropertiesTest, ReplaceEarlierOnes) {
    properties.set("aeron.dir=/first");
    properties.load_text("aeron.dir=/second\n", "text");

    EXPECT_EQ(variable("AERON_DIR"), "/second");
}

TEST_F(PropertiesTest, ReachTheVariableThatJavaSpellingMeans) {
    properties.set("aeron.unicast.FlowControl.supplier=x");

    EXPECT_EQ(variable("AERON_UNICAST_FLOWCONTROL_SUPPLIER"), "x");
}

TEST_F(PropertiesTest, AreRefusedWithTheLineThatIsWrong) {
    EXPECT_EQ(refusal_of("a=1\nnonsense\n"), "x.properties:2: 'nonsense' has no separator: write name=value");
    EXPECT_EQ(refusal_of(" =1\n"), "x.properties:1: ' =1' has no name: write name=value");
    EXPECT_EQ(refusal_of("a=1\\\n"), "x.properties:1: nothing follows a line that ends in '\\': remove it");
    EXPECT_EQ(refusal_of("a=1\\\n# only a comment\n"),
              "x.properties:2: nothing follows a line that ends in '\\': remove it");
    EXPECT_THROW(properties.set("nonsense"), InvalidArgumentError);
}

TEST_F(PropertiesTest, HaveLinesOfAtMost2047Characters) {
    const std::string longest(2'047 - 2, 'x');

    EXPECT_EQ(refusal_of("a=" + longest + "\n"), "accepted");
    EXPECT_THAT(refusal_of("a=x" + longest + "\n"), HasSubstr("the line has 2048 characters, at most 2047"));
    EXPECT_THAT(refusal_of("a=" + longest.substr(1) + "\\\nxyz\n"), HasSubstr("name and value of 'a' have 2048"));
}

TEST_F(PropertiesTest, ComeFromFilesByPathOrUrl) {
    const std::string path = testing::TempDir() + "cpperon_properties_test.properties";
    std::FILE* const file = std::fopen(path.c_str(), "w");
    std::fputs("aeron.a=1\n", file);
    std::fclose(file);

    properties.load_file("file://" + path);
    EXPECT_EQ(variable("AERON_A"), "1");
    properties.load_file(path);

    EXPECT_THROW(properties.load_file("/no/such/file"), IoError);
    EXPECT_THROW(properties.load_file("/"), IoError);
    EXPECT_THROW(properties.load_file("http://localhost/x"), InvalidArgumentError);
    std::remove(path.c_str());
}

TEST_F(PropertiesTest, MayComeFromAnEmptyText) {
    EXPECT_EQ(refusal_of(""), "accepted");
}

}  // namespace
}  // namespace cpperon
