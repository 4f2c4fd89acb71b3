#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>

// FFmpeg's function-like macros, which Swift cannot see.
static inline int cff_error_again(void) { return AVERROR(EAGAIN); }
static inline int cff_error_end(void) { return AVERROR_EOF; }
static inline int cff_error_memory(void) { return AVERROR(ENOMEM); }
static inline int64_t cff_no_time(void) { return AV_NOPTS_VALUE; }

// swscale's context, a struct that Swift never looks into: it is opaque in some releases of FFmpeg
// and public in others, which Swift would import as different types.
typedef struct {
  struct SwsContext *raw;
} cff_scaler;

// A scaler from a pixel format to RGB24 of the same size; raw is null when there is none.
static inline cff_scaler cff_scaler_to_rgb(int width, int height, int format) {
  return (cff_scaler){sws_getContext(width, height, (enum AVPixelFormat)format, width, height,
                                     AV_PIX_FMT_RGB24, SWS_BICUBIC, NULL, NULL, NULL)};
}

// A scaler from RGB24 to a pixel format of the same size; raw is null when there is none.
static inline cff_scaler cff_scaler_from_rgb(int width, int height, int format) {
  return (cff_scaler){sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height,
                                     (enum AVPixelFormat)format, SWS_BICUBIC, NULL, NULL, NULL)};
}
