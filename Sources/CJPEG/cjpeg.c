#include "cjpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

// What one call works with. `pub` members come first, so that libjpeg's pointers lead here.
typedef struct {
  struct jpeg_error_mgr pub;
  jmp_buf escape;
  int status;
  char *message;
} errors;

static int status_of(int code) {
  switch (code) {
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      return CJ_UNSUPPORTED;
    default:
      return CJ_DAMAGED;
  }
}

static void on_error(j_common_ptr info) {
  errors *e = (errors *)info->err;
  char text[JMSG_LENGTH_MAX];
  e->pub.format_message(info, text);
  snprintf(e->message, CJ_MESSAGE_SIZE, "%s", text);
  e->status = status_of(e->pub.msg_code);
  longjmp(e->escape, 1);
}

// Warnings have the level -1; what is above is talk.
static void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_JFIF_MAJOR:
      return;
    case JWRN_EXTRANEOUS_DATA: {
      // Bytes that belong to nothing, as cameras leave them; before a restart they were pixels.
      int marker = info->err->msg_parm.i[1];
      if (marker < 0xD0 || marker > 0xD7) return;
    }
  }
  on_error(info);
}

static void on_output(j_common_ptr info) { (void)info; }

// More scans than any encoder makes, each of which goes over all pixels; TurboJPEG's own limit.
static void on_progress(j_common_ptr info) {
  j_decompress_ptr decoder = (j_decompress_ptr)info;
  if (decoder->input_scan_number <= 500) return;
  errors *e = (errors *)info->err;
  snprintf(e->message, CJ_MESSAGE_SIZE, "more than 500 scans");
  e->status = CJ_DAMAGED;
  longjmp(e->escape, 1);
}

static void unsupported_components(j_decompress_ptr info) {
  errors *e = (errors *)info->err;
  snprintf(e->message, CJ_MESSAGE_SIZE, "%d components a pixel", info->num_components);
  e->status = CJ_UNSUPPORTED;
  longjmp(e->escape, 1);
}

static unsigned char scaled(unsigned a, unsigned b) {
  unsigned product = a * b + 128;
  return (unsigned char)(((product >> 8) + product) >> 8);
}

// Inverted CMYK, as Adobe's programs write it, and by Pillow's formula.
static void rgb_of_cmyk(unsigned char *rgb, const unsigned char *cmyk, int width) {
  for (int x = 0; x < width; x++, rgb += 3, cmyk += 4)
    for (int i = 0; i < 3; i++) rgb[i] = cmyk[3] - scaled(255 - cmyk[i], cmyk[3]);
}

static int run(
    const unsigned char *bytes, size_t count, int *width, int *height, unsigned char *rgb,
    char *message) {
  struct jpeg_decompress_struct info;
  struct jpeg_progress_mgr progress;
  errors e;
  memset(&info, 0, sizeof info);
  memset(&progress, 0, sizeof progress);
  info.err = jpeg_std_error(&e.pub);
  e.pub.error_exit = on_error;
  e.pub.emit_message = on_message;
  e.pub.output_message = on_output;
  e.message = message;
  e.status = CJ_OK;
  if (setjmp(e.escape)) {
    jpeg_destroy_decompress(&info);
    return e.status;
  }
  jpeg_create_decompress(&info);
  progress.progress_monitor = on_progress;
  info.progress = &progress;
  jpeg_mem_src(&info, bytes, count);
  jpeg_read_header(&info, TRUE);
  if (info.num_components == 2 || info.num_components > 4) unsupported_components(&info);
  if (width) *width = (int)info.image_width;
  if (height) *height = (int)info.image_height;
  if (rgb) {
    int is_cmyk = info.num_components == 4;
    info.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info);
    size_t stride = (size_t)info.output_width * 3;
    JSAMPARRAY inks = is_cmyk ? info.mem->alloc_sarray(
                                    (j_common_ptr)&info, JPOOL_IMAGE, info.output_width * 4, 1)
                              : NULL;
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = rgb + info.output_scanline * stride;
      jpeg_read_scanlines(&info, is_cmyk ? inks : &row, 1);
      if (is_cmyk) rgb_of_cmyk(row, inks[0], (int)info.output_width);
    }
    jpeg_finish_decompress(&info);
  }
  jpeg_destroy_decompress(&info);
  return CJ_OK;
}

int cj_read_size(
    const unsigned char *bytes, size_t count, int *width, int *height, char *message) {
  return run(bytes, count, width, height, NULL, message);
}

int cj_decode(const unsigned char *bytes, size_t count, unsigned char *rgb, char *message) {
  return run(bytes, count, NULL, NULL, rgb, message);
}
