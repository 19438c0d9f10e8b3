#include "server/yaml.h"

#include <sstream>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/yaml.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxDepth = 32;

// Thrown and caught in this file: yaml-cpp's events cannot be stopped else.
struct Refused {
  int line;
  std::string what;
};

// Builds the tree from yaml-cpp's events, which tell of aliases and quotes;
// its own tree does not.
class Builder : public YAML::EventHandler {
 public:
  YamlNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    Add(mark, YamlNode{});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{mark.line + 1, "an alias (*name); write the value again"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.scalar = value;
    node.quoted = tag == "!";
    const bool null = !node.quoted && (value.empty() || value == "~" ||
                                       value == "null" || value == "Null");
    if (null) node.kind = YamlNode::Kind::kNull;
    Add(mark, std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&,
                       YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(mark, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(mark, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    YamlNode node;
    bool has_key = false;
    std::string key;
  };

  void Open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (frames_.size() == kMaxDepth) {
      throw Refused{mark.line + 1, absl::StrCat("more than ", kMaxDepth,
                                                " levels inside each other")};
    }
    if (!frames_.empty() && frames_.back().node.kind == YamlNode::Kind::kMap &&
        !frames_.back().has_key) {
      throw Refused{mark.line + 1, "a list or map as a key; keys are words"};
    }
    Frame frame;
    frame.node.kind = kind;
    frame.node.line = mark.line + 1;
    frames_.push_back(std::move(frame));
  }

  void Close() {
    YamlNode node = std::move(frames_.back().node);
    frames_.pop_back();
    Place(std::move(node));
  }

  void Add(const YAML::Mark& mark, YamlNode node) {
    node.line = mark.line + 1;
    Place(std::move(node));
  }

  void Place(YamlNode node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == YamlNode::Kind::kList) {
      frame.node.items.push_back(std::move(node));
    } else if (frame.has_key) {
      frame.node.entries.push_back({std::move(frame.key), std::move(node)});
      frame.has_key = false;
    } else {
      SetKey(frame, node);
    }
  }

  void SetKey(Frame& frame, const YamlNode& node) {
    if (frame.node.Find(node.scalar) != nullptr) {
      throw Refused{node.line, absl::StrCat("the key \"", node.scalar,
                                            "\" a second time; keep one")};
    }
    frame.key = node.scalar;
    frame.has_key = true;
  }

  YamlNode root_;
  std::vector<Frame> frames_;
};

absl::Status BadYaml(int line, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, kFieldInvalid,
                   absl::StrCat("line ", line, ": ", A(what)),
                   {{"field", "yaml"}, {"value", absl::StrCat("line ", line)}});
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const auto& [name, node] : entries) {
    if (name == key) return &node;
  }
  return nullptr;
}

absl::StatusOr<YamlNode> ParseYaml(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return BadYaml(1, absl::StrCat("the text has ", text.size(),
                                   " bytes; at most ", kMaxBytes));
  }
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    Builder builder;
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    YamlNode root = builder.Take();
    Builder second;
    if (parser.HandleNextDocument(second)) {
      return BadYaml(1, "more than one document; write one only");
    }
    return root;
  } catch (const Refused& refused) {
    return BadYaml(refused.line, refused.what);
  } catch (const YAML::Exception& error) {
    return BadYaml(error.mark.line + 1, error.msg);
  } catch (const std::exception& error) {
    return BadYaml(1, error.what());
  }
}

}  // namespace gradmatch
