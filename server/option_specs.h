#ifndef GRADMATCH_SERVER_OPTION_SPECS_H_
#define GRADMATCH_SERVER_OPTION_SPECS_H_

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/options.h"

namespace gradmatch {

// The kinds of options that the table of options.cc is made of.

// One line of the table. `parse` sets the option from text and returns what is
// allowed when the text is refused; empty when it was taken.
struct OptionSpec {
  std::string name;
  std::string help;
  std::function<std::string(Options&, const std::string&)> parse;
  std::function<std::string(const Options&)> print;
};

// A whole number from `least` to `most`.
template <typename Section>
OptionSpec Int(std::string name, Section Options::*section, int Section::*field,
               int least, int most, std::string help) {
  OptionSpec spec;
  spec.name = std::move(name);
  spec.help = absl::StrCat(help, " A whole number, ", least, " to ", most, ".");
  spec.parse = [=](Options& options, const std::string& text) -> std::string {
    int value = 0;
    if (!absl::SimpleAtoi(text, &value) || value < least || value > most) {
      return absl::StrCat("a whole number from ", least, " to ", most);
    }
    options.*section.*field = value;
    return "";
  };
  spec.print = [=](const Options& options) {
    return absl::StrCat(options.*section.*field);
  };
  return spec;
}

// A whole number that is a multiple of `step` as well.
inline OptionSpec MultipleOf(int step, OptionSpec spec) {
  spec.parse = [step, parse = std::move(spec.parse)](
                   Options& options, const std::string& text) -> std::string {
    int value = 0;
    if (absl::SimpleAtoi(text, &value) && value % step != 0) {
      return absl::StrCat("a multiple of ", step);
    }
    return parse(options, text);
  };
  return spec;
}

template <typename Section>
OptionSpec Bool(std::string name, Section Options::*section,
                bool Section::*field, std::string help) {
  OptionSpec spec;
  spec.name = std::move(name);
  spec.help = absl::StrCat(help, " true or false.");
  spec.parse = [=](Options& options, const std::string& text) -> std::string {
    if (text != "true" && text != "false") return "true or false";
    options.*section.*field = text == "true";
    return "";
  };
  spec.print = [=](const Options& options) {
    return std::string(options.*section.*field ? "true" : "false");
  };
  return spec;
}

template <typename Section>
OptionSpec Span(std::string name, Section Options::*section,
                absl::Duration Section::*field, absl::Duration least,
                absl::Duration most, std::string help) {
  const std::string allowed =
      absl::StrCat("a duration from ", absl::FormatDuration(least), " to ",
                   absl::FormatDuration(most), ", such as 30s, 500ms or 2h");
  OptionSpec spec;
  spec.name = std::move(name);
  spec.help = absl::StrCat(help, " ", allowed, ".");
  spec.parse = [=](Options& options, const std::string& text) -> std::string {
    absl::Duration value;
    if (!absl::ParseDuration(text, &value) || value < least || value > most) {
      return allowed;
    }
    options.*section.*field = value;
    return "";
  };
  spec.print = [=](const Options& options) {
    return absl::FormatDuration(options.*section.*field);
  };
  return spec;
}

// `check` returns what is allowed when it refuses.
template <typename Section>
OptionSpec Text(std::string name, Section Options::*section,
                std::string Section::*field, std::string help,
                std::function<std::string(const std::string&)> check) {
  OptionSpec spec;
  spec.name = std::move(name);
  spec.help = std::move(help);
  spec.parse = [=](Options& options, const std::string& text) -> std::string {
    std::string refused = check(text);
    if (refused.empty()) options.*section.*field = text;
    return refused;
  };
  spec.print = [=](const Options& options) { return options.*section.*field; };
  return spec;
}

// A check of Text that takes anything.
inline std::string AnyText(const std::string&) { return ""; }

inline std::function<std::string(const std::string&)> OneOf(
    std::vector<std::string> words) {
  return [words](const std::string& text) -> std::string {
    if (std::find(words.begin(), words.end(), text) != words.end()) return "";
    std::string allowed = "one of";
    for (const std::string& word : words) {
      absl::StrAppend(&allowed, " ", word);
    }
    return allowed;
  };
}

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_OPTION_SPECS_H_
