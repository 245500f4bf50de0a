/// What the fragments in the guides may take for granted: the library, a few headers, durations with units, and
/// functions that a reader's own program would have. extract_snippets.py puts it before each of them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "cpperon/cpperon.hpp"

using namespace std::chrono_literals;

void log(std::string_view line);
void on_message(std::span<const std::byte> message, const cpperon::Header& header);
void write_order(std::span<std::byte> place);
